#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "bench/measurement.hpp"
#include "bench/poller.hpp"
#include "bench/target.hpp"

namespace clacks::bench {

/// What paced publishing cost, and how long the deliveries took.
struct Paced {
    Measurement cost;
    nanoseconds p50;
    nanoseconds p99;
    nanoseconds p999;
};

/// One publisher and some listeners of one name, all on this thread.
///
/// Each listener must get exactly the published messages, byte by byte and in order. At most
/// `window` messages are on their way to the slowest listener; the publisher refills the window
/// when half of it is free, so that a fast server is not handed smaller pieces than a slow one.
class FanOut {
public:
    FanOut(const Target& target, unsigned listeners, unsigned window);

    /// Publishes as fast as the window allows, then waits for the last delivery.
    Measurement saturate(nanoseconds duration);

    /// Publishes one message each interval. The latency of a delivery counts from the instant at
    /// which its message was due, however late it was sent.
    Paced pace(nanoseconds interval, nanoseconds duration);

    /// Throws a Violation if any listener got more than was published.
    void finish();

private:
    using Clock = std::chrono::steady_clock;

    struct Listener {
        Connection connection;
        std::string expected;  ///< the next delivery
        std::uint64_t received = 0;

        void take(const Frame& delivery);
    };

    void publish(std::uint64_t count);
    void turn(nanoseconds timeout);
    void flush_publisher();
    void read_publisher();
    void read_listener(Listener& listener);
    Clock::time_point due(std::uint64_t number) const;
    std::uint64_t slowest() const;
    bool drained() const;
    void drain();
    [[noreturn]] void report_loss() const;

    const Target& target_;
    const Dialect& dialect_;
    std::uint64_t window_;
    Connection publisher_;
    std::string number_{zero};  ///< of the next message
    std::uint64_t published_ = 0;
    std::uint64_t answered_ = 0;  ///< messages whose publishing the server has confirmed
    bool blocked_ = false;        ///< the publisher's socket is full
    std::vector<Listener> listeners_;
    Poller poller_;

    // While pacing: message `paced_from_` is due at `start_`, the others an interval apart.
    std::vector<nanoseconds>* latencies_ = nullptr;
    Clock::time_point start_;
    nanoseconds interval_{};
    std::uint64_t paced_from_ = 0;
};

}  // namespace clacks::bench
