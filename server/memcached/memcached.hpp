#pragma once

#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>

#include "memcached/cache_operations.hpp"
#include "memcached/server.hpp"
#include "server/memcached/accounts.hpp"
#include "server/memcached/doors.hpp"
#include "server/memcached/line_values.hpp"
#include "server/memcached/settings.hpp"
#include "server/memcached/tree_changes.hpp"
#include "server/net/guest.hpp"
#include "server/net/server.hpp"
#include "server/node/outside.hpp"

namespace clacks::server {

/// The node as a memcached: its store, for memcached's clients.
///
///     Doors ──accepted──> the least busy net::Worker ──> its memcached::Server
///                                                              │
///     node::Node <──TreeChanges── memcached::CacheOperations <─┘   the store of the node
///
/// One memcached::Server for each worker; all of them share the rest. What a client changes is
/// passed on at the end of the worker's turn, as what a session changes.
class Memcached final : public net::Guest, private memcached::Host, private node::Outside {
public:
    /// Opens what is to be listened to. Throws StartError. Before server.run(), which this must
    /// outlive; `server` and `log` must outlive this.
    Memcached(net::Server& server, const MemcachedSettings& settings,
              const transport::TlsSettings& tls, node::Log& log);
    ~Memcached();

    /// Other settings, with all done that can fail.
    struct Next {
        MemcachedSettings settings;
        Doors::Plan doors;
        memcached::AuthFile accounts;
    };
    /// Throws StartError, and changes nothing.
    Next prepare(const MemcachedSettings& settings, const transport::TlsSettings& tls) const;
    /// Puts them in force, with the users that the node has now. On the first worker.
    void reload(Next next);

private:
    /// What there is of each worker.
    struct Seat {
        std::unique_ptr<memcached::Server> server;
        std::atomic<std::size_t> coming{0};  ///< connections on their way to it
    };

    // net::Guest
    void start() override;
    void stop() override;
    void close(unsigned worker) override { seats_[worker].server->close(); }
    std::size_t connection_count(unsigned worker) const override;

    // memcached::Host
    memcached::LoginAnswer log_in(const memcached::LoginTry& login) override;
    memcached::Totals totals() const override;
    void reset_stats() override;
    bool next_connections(
        memcached::ConnectionTour& tour,
        const std::function<void(const memcached::ConnectionInfo&)>& visit) const override;
    /// The configuration says how much that is.
    bool set_memory_limit(std::uint64_t) override { return false; }

    // node::Outside
    void describe(
        const std::function<void(std::string_view, std::string_view)>& add) const override;

    memcached::ServerOptions options(net::Worker& worker);
    void apply(const memcached::AuthFile& accounts);
    void accept(transport::OwnedFd fd, const transport::Endpoint& from, const Doors::Door& door);
    std::optional<transport::Places::Place> make_room(const transport::OwnedFd& fd,
                                                      const transport::Endpoint& from,
                                                      const Doors::Door& door);
    void refuse(const transport::OwnedFd& fd, const transport::Endpoint& from,
                const Doors::Door& door, std::string_view code, std::size_t limit,
                std::string_view words);
    void look_at_flush();
    memcached::Settings protocol_settings() const;
    memcached::Counts counts() const;
    template <class Number>
    std::uint64_t sum(Number number) const;

    net::Server& server_;
    node::Node& node_;
    node::Log& log_;
    MemcachedSettings settings_;
    const LineValues form_;
    TreeChanges changes_;
    memcached::CacheOperations operations_;
    Accounts accounts_;
    std::deque<Seat> seats_;  ///< in the order of the workers
    Doors doors_;
    boost::asio::steady_timer flushing_;
    std::atomic<std::uint64_t> rejected_{0};
    mutable std::mutex mutex_;
    memcached::Counts reset_at_;  ///< what `stats reset` has found
};

}  // namespace clacks::server
