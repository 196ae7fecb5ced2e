#pragma once

#include <atomic>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/net/clock.hpp"
#include "server/net/guest.hpp"
#include "server/net/listener.hpp"
#include "server/net/password_checks.hpp"
#include "server/net/settings.hpp"
#include "server/net/uplink.hpp"
#include "server/net/worker.hpp"
#include "server/node/node.hpp"
#include "transport/places.hpp"
#include "transport/tls_context.hpp"

namespace clacks::net {

/// A node with its sockets: workers, listeners, the uplink.
class Server {
public:
    /// Opens everything that can fail: certificates and listeners. Throws StartError. `id`: by
    /// which the tree knows this node.
    Server(Settings settings, node::Settings node_settings, std::string software, std::string id,
           node::Log& log, Clock clock, PasswordCheck check_password, node::Past past = {});
    ~Server();

    /// Serves until SIGTERM, SIGINT or OVERHEAD S, then closes every connection in good order.
    /// `ready` is called once everything listens; on the first worker `hung_up` for each SIGHUP and
    /// `save` for each SIGUSR1, which must not throw. To be called once, from the main thread.
    void run(const std::function<void()>& ready, std::function<void()> hung_up,
             std::function<void()> save);

    node::Node& node() { return node_; }

    /// As Errand::run(), by one worker after the other. From one thread at a time, also before and
    /// after run(), when it returns false.
    bool do_between_turns(const std::function<bool()>& step);

    // --- for a guest ---

    /// Before run(); it must outlive that.
    void set_guest(Guest& guest) { guest_ = &guest; }
    /// On the first of these threads the guest accepts; the order does not change.
    const std::vector<std::unique_ptr<Worker>>& workers() const { return workers_; }
    /// Who has the fewest connections.
    Worker& least_busy();
    /// Of all kinds, with those that are on their way to their worker.
    std::size_t connection_count() const;
    /// For one who has to say who he is; nothing if limits.unauthenticated have not done so yet. On
    /// the first worker.
    std::optional<transport::Places::Place> enter_strangers();
    /// Runs `change` while no other worker is in the middle of anything. On the first worker.
    void while_others_wait(const std::function<void()>& change);
    /// Ends the node after `delay`; `why` is for the log. From any thread.
    void stop_in(std::chrono::seconds delay, std::string why);

    /// Puts other settings in force, without dropping a connection that they still allow. What
    /// needs a new start to change (listen, threads, name) stays, and the log says so. Throws
    /// StartError, and changes nothing, if a certificate, key or CA cannot be used. To be called
    /// from `hung_up`.
    void reload(Settings settings, node::Settings node_settings);

private:
    void accept(transport::OwnedFd fd, transport::Endpoint from, bool tls);
    std::optional<transport::Places::Place> make_room(int fd, const transport::Endpoint& from,
                                                      bool tls);
    void refuse(int fd, const transport::Endpoint& from, bool tls, std::string_view code,
                std::string_view setting, std::size_t limit);
    std::size_t connection_count(const Worker& worker) const;
    void wait_for_signal();
    void wait_for(boost::asio::signal_set& signals, const std::function<void()>& then);
    void keep_what_needs_a_start(Settings& settings, node::Settings& node_settings);
    std::optional<transport::TlsContext> listener_tls(const Settings& settings) const;
    void clean();
    void report();
    void stop(std::string_view why);
    std::uint64_t next_serial() { return ++last_serial_; }

    Settings settings_;
    node::Log& log_;
    const Clock clock_;
    const unsigned thread_count_;
    node::Node node_;
    std::optional<transport::TlsContext> listener_tls_;  ///< the first worker's: others get copies
    std::function<void()> hung_up_;
    std::function<void()> save_;
    std::atomic<std::uint64_t> last_serial_{0};

    PasswordChecks passwords_;
    Worker::Shared shared_{.passwords = passwords_};
    transport::Places strangers_;
    std::size_t next_errand_ = 0;
    std::vector<std::unique_ptr<Worker>> workers_;  ///< the first has everything below, too
    std::vector<std::unique_ptr<Listener>> listeners_;
    std::shared_ptr<Uplink> uplink_;
    Guest* guest_ = nullptr;
    boost::asio::signal_set signals_;
    boost::asio::signal_set hangups_;
    boost::asio::signal_set save_signals_;
    boost::asio::steady_timer cleaning_;
    boost::asio::steady_timer reporting_;
    boost::asio::steady_timer stopping_;
    std::atomic<std::size_t> workers_left_{0};
    bool stopped_ = false;
};

}  // namespace clacks::net
