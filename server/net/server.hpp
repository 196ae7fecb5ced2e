#pragma once

#include <atomic>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/net/clock.hpp"
#include "server/net/listener.hpp"
#include "server/net/settings.hpp"
#include "server/net/tls_context.hpp"
#include "server/net/uplink.hpp"
#include "server/net/worker.hpp"
#include "server/node/node.hpp"

namespace clacks::net {

/// A node with its sockets: workers, listeners, the uplink.
class Server {
public:
    /// Opens everything that can fail: certificates and listeners. Throws StartError.
    Server(Settings settings, node::Settings node_settings, std::string software, node::Log& log,
           Clock clock);
    ~Server();

    /// Serves until SIGTERM, SIGINT or OVERHEAD S, then closes every connection in good order.
    /// `ready` is called once everything listens. To be called once, from the main thread.
    void run(const std::function<void()>& ready);

private:
    void accept(int fd, Endpoint from, bool tls);
    bool refuse_over_limit(int fd, const Endpoint& from, bool tls);
    Worker& least_busy();
    void wait_for_signal();
    void clean();
    void stop(std::string_view why);
    void stop_in(std::chrono::seconds delay);
    std::uint64_t next_serial() { return ++last_serial_; }

    const Settings settings_;
    node::Log& log_;
    const Clock clock_;
    const unsigned thread_count_;
    node::Node node_;
    std::optional<TlsContext> listener_tls_;
    std::optional<TlsContext> uplink_tls_;
    std::atomic<std::uint64_t> last_serial_{0};

    std::vector<std::unique_ptr<Worker>> workers_;  ///< the first has everything below, too
    std::vector<std::unique_ptr<Listener>> listeners_;
    std::shared_ptr<Uplink> uplink_;
    boost::asio::signal_set signals_;
    boost::asio::steady_timer cleaning_;
    boost::asio::steady_timer stopping_;
    std::atomic<std::size_t> workers_left_{0};
    bool stopped_ = false;
};

}  // namespace clacks::net
