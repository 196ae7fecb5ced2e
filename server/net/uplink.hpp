#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "interclacks/redial.hpp"
#include "server/net/settings.hpp"
#include "server/net/worker.hpp"
#include "transport/tls_context.hpp"

namespace clacks::net {

/// What an uplink goes by.
struct UplinkSettings {
    std::vector<MasterSettings> masters;  ///< none: the node is the root
    LinkSettings links;
    protocol::Credentials identity;            ///< for masters without a user of their own
    std::optional<transport::TlsContext> tls;  ///< there if there is a master
};

/// Keeps the node linked to a master: dials the configured masters in their order until one
/// answers, and again when the link is lost, when Redial says so. Lives on one worker.
class Uplink : public std::enable_shared_from_this<Uplink> {
public:
    /// `next_serial` gives the serial of each new connection.
    Uplink(Worker& worker, UplinkSettings settings, std::function<std::uint64_t()> next_serial);

    void start();
    /// No further dialling. An open link is its session's affair.
    void stop();

    /// Goes by these from now on. A link to a master that is still listed, with the same user and
    /// password for it, stays as it is, unless the node has closed it; any other is closed. Without
    /// a link the masters are dialled at once.
    void reload(UplinkSettings settings);

private:
    /// How one connection to a master went.
    struct Outcome {
        std::string reason;
        bool was_synced = false;
        unsigned reloads = 0;                 ///< before it logged in
        bool refused = false;                 ///< the master does not accept our login
        std::chrono::seconds told_to_wait{};  ///< it asked for that
    };
    /// The connection to a master while there is one.
    struct Connection {
        MasterSettings master;
        Session* session;  ///< kept by its worker
    };

    static boost::asio::awaitable<void> run(std::shared_ptr<Uplink> self);
    void start_later();
    boost::asio::awaitable<bool> try_masters();
    std::chrono::milliseconds next_delay();
    void heed(const std::string& master, const Outcome& outcome);
    boost::asio::awaitable<Outcome> serve(const MasterSettings& master);
    boost::asio::awaitable<transport::OwnedFd> connect(const transport::Address& address);
    boost::asio::awaitable<void> wait(std::chrono::milliseconds delay);
    std::function<void(Session::UplinkEnd)> on_end(std::string url,
                                                   std::shared_ptr<std::optional<Outcome>> ended);
    std::unique_ptr<transport::Tls> make_tls(const transport::Address& master) const;
    bool lists(const MasterSettings& master) const;

    Worker& worker_;
    UplinkSettings settings_;
    std::function<std::uint64_t()> next_serial_;
    interclacks::Redial redial_;
    std::minstd_rand random_{std::random_device{}()};
    std::uniform_real_distribution<double> jitter_{0.0, 1.0};
    boost::asio::steady_timer timer_;
    std::optional<Connection> connection_;
    std::map<std::string, transport::TlsSession> tls_sessions_;  ///< by the URL of the master
    unsigned reloads_ = 0;
    bool stopped_ = false;
    bool begin_anew_ = false;  ///< with the first master, and at once
};

}  // namespace clacks::net
