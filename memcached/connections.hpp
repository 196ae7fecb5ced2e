#pragma once

#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "memcached/connection.hpp"
#include "memcached/counters.hpp"
#include "memcached/host.hpp"
#include "memcached/operations.hpp"
#include "memcached/partial_values.hpp"
#include "memcached/places.hpp"
#include "memcached/poller.hpp"
#include "memcached/replies.hpp"
#include "memcached/server.hpp"
#include "transport/buffer.hpp"
#include "transport/places.hpp"
#include "transport/tls_context.hpp"

namespace clacks::memcached {

/// An accepted socket that nobody serves yet.
struct Accepted {
    transport::OwnedFd fd;
    std::shared_ptr<const std::string> address;
    std::shared_ptr<const std::string> listener;
    std::optional<transport::TlsContext> tls;
    transport::Places::Place stranger{};  ///< if whoever it is has to say so
};

/// The connections of a server, and what they share: buffers, time, and who they work for. On the
/// server's thread, but what says otherwise.
///
/// Nobody has a timer of his own. Those that wait for the same thing wait equally long, so each
/// such list is in the order of their ends, and one timer looks at the fronts.
class Connections : public std::enable_shared_from_this<Connections> {
public:
    /// Operations and host must outlive it.
    Connections(boost::asio::io_context& context, Operations& operations, Host& host,
                ServerOptions options);
    ~Connections() { poller_->stop(); }

    /// Serves it, here or at a peer, or refuses it if there are too many.
    void accept(Accepted accepted);
    /// The same, here.
    void adopt(Accepted accepted);
    void set_peers(std::vector<std::shared_ptr<Connections>> peers) { peers_ = std::move(peers); }
    /// Ends all of them, and takes no more.
    void close();

    void set_timeouts(std::chrono::milliseconds idle, std::chrono::milliseconds stalled);

    // From any thread.
    /// Tells of some of them, down from the one before `left`, which it moves. False: no more.
    bool next(std::size_t& left, const std::function<void(const ConnectionInfo&)>& visit) const;
    const Places& places() const { return places_; }
    Places& places() { return places_; }
    const Counters& counters() const { return counters_; }

    // --- for its connections ---

    boost::asio::io_context& context() { return context_; }
    ServerOptions& options() { return options_; }
    const ServerOptions& options() const { return options_; }
    Operations& operations() { return operations_; }
    Host& host() { return host_; }
    Counters& counters() { return counters_; }
    PartialValues& partial_values() { return partial_values_; }
    transport::BufferPool& pool() { return pool_; }
    Poller& poller() { return *poller_; }
    WallTime now() const;
    void log(std::string_view event, std::string_view client, std::string_view why) const;

    /// Where a connection reads to, and gathers what it says: until it returns to the loop.
    std::span<char> network_bytes() { return network_bytes_; }
    std::span<char> plain_bytes();
    Replies& replies() { return replies_; }
    std::string& cipher() { return cipher_; }
    void clear_output();
    /// What it has said is sent when this turn of the poller ends.
    void say_later(Connection& connection);
    /// Or earlier, if it is much, or somebody has waited for long.
    void send_if_due();

    /// From now on the connection waits for this.
    void wait_for(Connection& connection, Awaited what);
    void remove(Connection& connection);

private:
    static constexpr std::size_t awaited_count = static_cast<std::size_t>(Awaited::nothing);
    using Waiting =
        boost::intrusive::list<Connection,
                               boost::intrusive::member_hook<Connection, Connection::WaitingHook,
                                                             &Connection::waiting_hook>,
                               boost::intrusive::constant_time_size<false>>;

    void serve(Accepted accepted, Places::Place place);
    bool has_room_for(const Accepted& accepted);
    Connections& next_peer();
    Waiting& waiting(Awaited what) { return waiting_[static_cast<std::size_t>(what)]; }
    MonoTime due(Awaited what);
    void arm();
    void on_timer();
    void end_turn();

    boost::asio::io_context& context_;
    Operations& operations_;
    Host& host_;
    ServerOptions options_;
    Counters counters_;
    PartialValues partial_values_;
    Places places_;
    std::vector<std::shared_ptr<Connections>> peers_;
    std::size_t turn_ = 0;  ///< of the peers
    bool closed_ = false;

    const std::shared_ptr<Poller> poller_;
    std::vector<ConnectionPtr> ended_;  ///< the poller may still name them in its turn
    transport::BufferPool pool_;
    std::vector<char> network_bytes_;
    std::vector<char> plain_bytes_;
    Replies replies_;
    MonoTime kept_since_{};  ///< the first of the replies
    std::string cipher_;

    std::array<Waiting, awaited_count> waiting_;
    boost::asio::steady_timer timer_;
    MonoTime timer_due_ = MonoTime::max();

    mutable std::mutex mutex_;  ///< for next()
    std::vector<ConnectionPtr> all_;
    static std::atomic<std::uint64_t> last_id;
};

}  // namespace clacks::memcached
