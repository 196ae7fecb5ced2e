#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cache/cache.hpp"
#include "interclacks/link.hpp"
#include "protocol/command.hpp"
#include "server/node/log.hpp"
#include "server/node/outbox.hpp"
#include "server/node/peer.hpp"
#include "server/node/per_worker.hpp"
#include "server/node/registry.hpp"
#include "server/node/settings.hpp"
#include "server/node/subscriptions.hpp"
#include "server/node/users.hpp"

namespace clacks::node {

/// A node without its sockets: lines come in, an outbox fills. Everything that the protocol says a
/// server does is decided here; protocol.txt is its specification.
///
/// Safe for several workers at once, each calling with the peers it owns and its own Turn. Locks
/// are taken in this order, and never kept beyond a call: a shard of the cache, the audience or a
/// shard of the subscriptions, the output of a session.
class Node {
public:
    /// `software` is what the node calls itself in CLACKS lines. `log` must outlive the node.
    /// `hash_key` is the cache's; a given one makes runs repeatable.
    /// Throws std::invalid_argument if `settings` has no user.
    Node(Settings settings, std::string software, unsigned worker_count, Log& log,
         cache::HashKey hash_key = cache::random_hash_key());

    // --- connections; each peer passes through these in this order ---

    /// A client (or a slave, as yet unknown) has connected: registers and greets it.
    void connected(Peer& peer, Turn& turn);
    /// We have connected to a master: registers it and logs in there.
    void connected_to_master(Peer& peer, protocol::Credentials identity, Turn& turn);
    /// One line from the peer, without its line end. Views in it need to live during the call only.
    void line(Peer& peer, std::string_view line, Turn& turn);
    /// A line was longer than line_limit(); the rest of it is being dropped.
    void oversize(Peer& peer, Turn& turn);
    /// The connection is gone; nobody reaches the peer any more when this returns.
    void disconnected(Peer& peer, CloseReason reason, Turn& turn);

    /// The longest line that is taken from the peer at present.
    std::size_t line_limit(const Peer& peer) const;

    // --- time ---

    /// When on_deadline(peer) wants to be called next; it may be called too early.
    MonoTime deadline(const Peer& peer) const;
    /// Sends the keepalives that are due and closes who has been silent for too long.
    void on_deadline(Peer& peer, Turn& turn);

    /// Forgets what the cache need not remember any longer, one part of it at each call. Returns
    /// when it wants to be called next. To be called by one worker only.
    MonoTime clean(Turn& turn);

    // --- links ---

    /// A link that is sending its store sends the next part. Returns true while there is more;
    /// the caller decides how fast, by the output that is waiting.
    bool send_store(Peer& peer, Turn& turn);

    cache::Cache& cache() { return cache_; }
    const Settings& settings() const { return settings_; }

private:
    struct Audience {
        std::vector<Peer*> links;
        std::vector<Peer*> monitors;
    };

    // login.cpp
    void line_before_login(Peer& peer, std::string_view line, Turn& turn);
    void log_in(Peer& peer, std::string_view token, Turn& turn);

    // node.cpp
    void execute(Peer& from, const protocol::Command& command, std::string_view line, Turn& turn);
    void dispatch(Peer& from, const protocol::Command& command, std::string_view line, Turn& turn);
    bool fits_limits(Peer& from, const protocol::Command& command, Turn& turn);
    void refuse(Peer& from, std::string_view line, Turn& turn);
    void deny(Peer& from, Turn& turn);
    void reply(Peer& to, std::string_view verb, std::string_view text, Turn& turn);

    // signals.cpp
    void listen(Peer& from, std::string_view name, Turn& turn);
    void unlisten(Peer& from, std::string_view name);
    void publish(Peer& from, const protocol::Command& command, Turn& turn);

    // store.cpp
    void store(Peer& from, const protocol::Command& command, std::string_view line, Turn& turn);
    void retrieve(Peer& from, const protocol::Command& command, Turn& turn);
    void clear_cache(Peer& from, std::string_view line, Turn& turn);
    void key_list(Peer& from, Turn& turn);

    // overhead.cpp
    void overhead(Peer& from, const protocol::Command& command, std::string_view line, Turn& turn);
    void forward_overhead(Peer& from, const protocol::Command& command, Turn& turn);

    // links.cpp
    void become_downlink(Peer& peer, Turn& turn);
    void add_link(Peer& peer);
    bool line_from_link(Peer& peer, const boost::system::result<protocol::Command>& command,
                        Turn& turn);
    void check_master(Peer& peer, std::string_view token, Turn& turn);
    void merge(Peer& from, const protocol::Command& keysync, Turn& turn);
    void forward_signal(Peer& from, std::string_view line, Turn& turn);
    void forward_change(Peer& from, const protocol::Command& command, std::string_view line,
                        unsigned shard, Turn& turn);
    interclacks::Link::Settings link_settings(protocol::Credentials identity) const;

    // watching.cpp
    void mirror(Peer& from, const boost::system::result<protocol::Command>& command,
                std::string_view line, Turn& turn);
    void tell_monitors(std::string_view name, std::string_view value, Turn& turn);
    void monitor(Peer& from, bool on);
    void client_list(Peer& from, Turn& turn);
    void client_disconnect(Peer& from, std::string_view id, Turn& turn);

    Settings settings_;
    const std::string software_;
    Log& log_;
    Users users_;
    cache::Cache cache_;
    Subscriptions subscriptions_;
    Registry registry_;
    PerWorker<Audience> audience_;
    std::atomic<unsigned> link_count_{0};
    std::atomic<unsigned> monitor_count_{0};
    std::atomic<cache::Origin> last_origin_{cache::local_origin};
    unsigned clean_shard_ = 0;
};

}  // namespace clacks::node
