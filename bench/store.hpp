#pragma once

#include <chrono>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "bench/measurement.hpp"
#include "bench/poller.hpp"
#include "bench/target.hpp"

namespace clacks::bench {

enum class Operations : std::uint8_t { mixed, store, retrieve, cached };

/// Connections that each send batches of stores and retrieves, the next one when the last has been
/// answered, all on this thread.
///
/// Each connection has keys of its own, so it knows what a retrieve must answer: the value of its
/// latest store. A mixed batch alternates between the two; of a cache's operations, a tenth are
/// stores.
class Store {
public:
    /// `depth` operations make a batch, at least two where stores go unanswered. Each connection
    /// has so many keys.
    Store(const Target& target, unsigned connections, unsigned depth,
          unsigned keys_per_connection = 200);

    /// Keeps all connections busy, then waits for the last answer. An operation is one store or one
    /// retrieve.
    Measurement run(Operations operations, nanoseconds duration);

    /// Begins a batch each interval, on whichever connection has nothing to wait for, then waits
    /// for the last answer. A batch waits from the instant at which it was due, however late it was
    /// sent.
    Measurement pace(Operations operations, nanoseconds interval, nanoseconds duration);

    /// How long each batch of the last run() or pace() waited for its answer.
    const std::vector<nanoseconds>& batch_times() const { return batch_times_; }

    /// Throws a Violation unless each key holds the value it was last given.
    void finish();

private:
    using Clock = std::chrono::steady_clock;

    struct Client {
        Connection connection;
        std::vector<std::string> keys;
        std::vector<std::string> numbers;  ///< the version of each key's value
        std::string expected;              ///< what of the batch's answer has not arrived yet
        Clock::time_point asked;           ///< when the batch was begun, or due
        bool blocked = false;              ///< the socket is full
    };

    void add_store(Client& client, std::size_t key);
    void add_retrieve(Client& client, std::size_t key);
    void add_settle(Client& client);
    void await_answer(Client& client);
    void add_batch(Client& client, Operations operations);
    void start_batch(Client& client, Operations operations, Clock::time_point asked);
    void flush(Client& client);
    void take(Client& client);

    template <class OnAnswered>
    void turn(nanoseconds timeout, OnAnswered&& on_answered);

    const Target& target_;
    const Dialect& dialect_;
    unsigned depth_;
    std::vector<Client> clients_;
    std::size_t busy_ = 0;  ///< clients that wait for an answer
    std::vector<nanoseconds> batch_times_;
    Poller poller_;
    std::minstd_rand random_;
};

}  // namespace clacks::bench
