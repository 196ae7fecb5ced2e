#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cache/cache.hpp"
#include "interclacks/link.hpp"
#include "protocol/line_framer.hpp"

// Two links joined in memory, with virtual time. What stands around each Link is as little of a
// node as it needs; whole nodes are linked in tests/simulation.
namespace clacks::interclacks {

/// One end of the wire: a link, the store behind it, and a clock that may be wrong.
class LinkEnd {
public:
    LinkEnd(Link::Role end, std::chrono::microseconds error) : role(end), clock_error(error) {}

    const Link::Role role;
    std::chrono::microseconds clock_error;
    /// As whom this end logs in, and who may log in here.
    protocol::Credentials identity{.user = "u", .password = "p"};
    protocol::Credentials known{.user = "u", .password = "p"};
    /// The test plays this end: it only hears.
    bool played = false;
    /// The master sends its Welcome only after the greeting of the link, as Net::Clacks may.
    bool welcome_late = false;
    /// How many parts of the store are sent after each delivery.
    unsigned parts_at_once = cache::Cache::shard_count;
    /// How long what it says is under way, and in pieces of how many bytes.
    std::chrono::microseconds delay = std::chrono::milliseconds(50);
    std::size_t piece_bytes = 1U << 20U;

    cache::Cache cache{cache::HashKey{}};
    std::optional<Link> link;
    std::optional<Link::Next> ended_by;  ///< login_refused or not_clacks

    /// The value, if it lives.
    std::optional<std::string> value(std::string_view key);
    /// The keys of this store that live, with their values: "a=1 b=2".
    std::string content();
    /// What arrived since the last call, line by line: "PING | SET a=1".
    std::string heard();
    /// What the link gave to be executed since the last call, likewise.
    std::string executed();

private:
    friend class LinkPair;

    protocol::LineFramer framer_{1U << 20U};
    std::vector<std::string> heard_;
    std::vector<std::string> executed_;
    bool sending_store_ = false;
    cache::Origin last_origin_ = cache::local_origin;
};

/// Slave and master, and the wire between them.
class LinkPair {
public:
    explicit LinkPair(std::chrono::microseconds slave_clock_error = {})
        : slave(Link::Role::uplink, slave_clock_error), master(Link::Role::downlink, {}) {}

    LinkEnd slave;
    LinkEnd master;
    std::chrono::milliseconds ping_timeout = std::chrono::seconds(60);

    /// The present on the clock of `end`.
    Now now(const LinkEnd& end) const;

    /// A new wire: the slave says its first lines. What was on the old one is lost.
    void connect();
    /// Delivers everything that is on its way, and what comes of it.
    void settle();
    /// Delivers what arrives until then.
    void advance(std::chrono::microseconds time);
    /// connect() and settle().
    void join();
    /// The wire is gone, with what was on it.
    void disconnect();

    /// A client's command at this end: changes the store and goes out as far as the link carries
    /// it. `line` is a STORE or REMOVE.
    void change(LinkEnd& end, std::string_view line);
    /// The next part of the store, if one is due. True while there is more.
    bool send_part(LinkEnd& end);
    /// This end says `lines`, whatever its link would say.
    void say(LinkEnd& end, std::string_view lines);
    void on_deadline(LinkEnd& end);

private:
    struct Piece {
        std::chrono::microseconds arrives;
        LinkEnd* to;
        std::string bytes;
    };

    void deliver(LinkEnd& to, std::string bytes);
    void hear(LinkEnd& end, std::string_view line);
    void hear_login(const protocol::Command& command);
    void apply(LinkEnd& end, const protocol::Command& command, cache::Origin origin);
    void give_link(LinkEnd& end);
    void send(LinkEnd& from, std::string_view bytes);

    std::chrono::microseconds time_{0};
    std::deque<Piece> on_the_way_;  ///< in the order of their arrival
};

}  // namespace clacks::interclacks
