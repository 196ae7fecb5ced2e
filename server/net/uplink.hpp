#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "interclacks/backoff.hpp"
#include "server/net/settings.hpp"
#include "server/net/tls_context.hpp"
#include "server/net/worker.hpp"

namespace clacks::net {

/// Keeps the node linked to a master: dials the configured masters in their order until one
/// answers, and again when the link is lost, after a growing, random delay. Lives on one worker.
class Uplink : public std::enable_shared_from_this<Uplink> {
public:
    /// `next_serial` gives the serial of each new connection.
    Uplink(Worker& worker, std::vector<MasterSettings> masters, LinkSettings settings,
           protocol::Credentials identity, std::optional<TlsContext> tls,
           std::function<std::uint64_t()> next_serial);

    void start();
    /// No further dialling. An open link is its session's affair.
    void stop();

private:
    /// How one connection to a master went.
    struct Outcome {
        std::string reason;
        bool was_synced = false;
    };

    static boost::asio::awaitable<void> run(std::shared_ptr<Uplink> self);
    boost::asio::awaitable<Outcome> serve(const MasterSettings& master);
    boost::asio::awaitable<int> connect(const Address& address);
    boost::asio::awaitable<void> wait(std::chrono::milliseconds delay);

    Worker& worker_;
    const std::vector<MasterSettings> masters_;
    const LinkSettings settings_;
    const protocol::Credentials identity_;
    const std::optional<TlsContext> tls_;
    std::function<std::uint64_t()> next_serial_;
    interclacks::Backoff backoff_;
    std::minstd_rand random_{std::random_device{}()};
    boost::asio::steady_timer timer_;
    bool stopped_ = false;
};

}  // namespace clacks::net
