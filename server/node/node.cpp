#include "server/node/node.hpp"

#include <algorithm>
#include <utility>

namespace clacks::node {

using protocol::Command;
using protocol::Permission;
using protocol::Verb;

namespace {

/// The time of the tree goes on from where it was, and never goes back.
WallTime first_time(WallTime wall, const Knowledge& past) {
    return std::max(wall + past.ahead, past.time);
}

}  // namespace

Node::Node(Settings settings, Identity identity, unsigned worker_count, Log& log, Past past)
    : settings_(std::move(settings)),
      identity_(std::move(identity)),
      worker_count_(worker_count),
      log_(log),
      users_(settings_.users, settings_.nobodys_password),
      own_cache_(past.cache ? std::move(past.cache)
                            : std::make_unique<cache::Cache>(
                                  identity_.hash_key, cache::hash(identity_.id, cache::HashKey{}))),
      cache_(*own_cache_),
      subscriptions_(worker_count),
      audience_(worker_count),
      fed_links_(worker_count),
      counters_(std::make_unique<Counters[]>(worker_count)),
      tree_offset_(std::chrono::floor<std::chrono::microseconds>(
          first_time(identity_.started.wall, past.knowledge).time_since_epoch() -
          identity_.started.mono.time_since_epoch())),
      time_is_doubtful_(!past.knowledge.time_root.empty() &&
                        past.knowledge.time_root != identity_.id),
      time_root_(time_is_doubtful_ ? std::move(past.knowledge.time_root) : identity_.id),
      trusted_(cache_.last_sequence()),
      positions_(past.knowledge.positions),
      probes_(identity_.hash_key),
      path_{identity_.id} {
    cache_.set_budget(settings_.cache.memory, settings_.cache.evict);
}

void Node::connected(Peer& peer, Turn& turn) {
    peer.connected = turn.now.mono;
    peer.last_output = turn.now.mono;
    registry_.add(peer);
    tell_monitors("CONNECTED", peer.id, turn);
    turn.outbox.send(peer,
                     "CLACKS " + identity_.software + "\r\nOVERHEAD M Authentication required\r\n");
}

void Node::disconnected(Peer& peer, CloseReason reason, Turn& turn) {
    peer.closing = true;
    for (const auto& name : peer.listens) subscriptions_.remove(name, peer);
    peer.listens.clear();
    peer.listing.reset();
    peer.login.reset();
    stop_monitoring(peer, turn);
    if (peer.link) {
        audience_.change([&](Audience& audience) { std::erase(audience.links, &peer); });
        fed_links_.change([&](std::vector<Peer*>& links) { std::erase(links, &peer); });
        --link_count_;
        tree_view_.forget(peer);
        if (peer.link->role() == interclacks::Link::Role::uplink) set_path({identity_.id}, turn);
    }
    registry_.remove(peer);
    const std::string queued = std::to_string(peer.queued_bytes());
    tell_monitors("DISCONNECTED", peer.id + " (" + queued + " bytes discarded from outbuffer)",
                  turn);
    tell_repeated(peer.id, peer.complaints);
    log_.info(peer.link ? "link_down" : "disconnected",
              {{"client", peer.id}, {"user", peer.user}, {"reason", to_string(reason)}});
}

void Node::line(Peer& peer, std::string_view line, Turn& turn) {
    if (peer.closing) return;
    if (!peer.logged_in) return line_before_login(peer, line, turn);

    Counters::add(count(turn).lines);
    const auto command = protocol::parse(line);
    // MONITOR and UNMONITOR first take effect: a monitor sees its own MONITOR and no own UNMONITOR.
    const bool changes_watch =
        command && (command->verb == Verb::monitor || command->verb == Verb::unmonitor);
    if (!changes_watch) mirror(peer, command, line, turn);
    if (!peer.link || line_from_link(peer, command, turn)) {
        if (command) {
            execute(peer, *command, line, turn);
        } else {
            refuse(peer, line, turn);
        }
    }
    if (changes_watch) mirror(peer, command, line, turn);
}

void Node::oversize(Peer& peer, Turn& turn) {
    if (peer.closing) return;
    const std::string limit = std::to_string(line_limit(peer));
    complain(peer, Complaint::line_too_long, "limit", limit);
    peer.refused_line = true;
    if (!peer.logged_in) return close(peer, CloseReason::flood, turn);
    reply(peer, "OVERHEAD E", "line_too_long limit=" + limit + " (limits.line)", turn);
}

std::size_t Node::line_limit(const Peer& peer) const {
    constexpr std::size_t before_login = 8192;  // a name, or two Base64 words
    // What one node takes as a STORE comes to the next as a KEYSYNC, which is a little longer.
    constexpr std::size_t room_for_keysync = 256;
    // So long is the part of a counter that one contribution needs, and then some.
    constexpr std::size_t room_for_counter = 100 * cache::Counter::most_contributions;
    const auto limit = settings_.limits.line_bytes;
    const bool proven = peer.logged_in && (!peer.link || peer.link->takes_signals());
    if (!proven) return std::min(before_login, limit);
    if (!peer.link) return limit;
    return limit + room_for_keysync + (peer.link->speaks_extensions() ? room_for_counter : 0);
}

void Node::close(Peer& peer, CloseReason reason, Turn& turn) {
    peer.closing = true;  // whatever is queued behind it is not executed
    turn.outbox.close(peer, reason);
}

void Node::work(Peer& peer, Turn& turn) {
    if (peer.closing) return;
    if (peer.to_be_positioned.exchange(false)) send_position(peer, turn);
    if (peer.sending_store) send_store(peer, turn);
    if (peer.own_gaps && peer.own_gaps->due()) {
        peer.own_gaps->tell([&](std::string_view lines) { turn.outbox.send(peer, lines); });
    }
    if (!peer.listing) return;
    turn.scratch.clear();
    const bool done = peer.listing->step(
        cache_, tree_time(turn),
        [&](std::string_view key) { return peer.access.allow(Permission::read, key); },
        turn.scratch);
    turn.outbox.send(peer, turn.scratch);
    if (done) peer.listing.reset();
}

void Node::end_turn(Turn& turn) {
    feed_changes(turn);
    publish_outside(turn);  // who hears of a value finds it
    send_mirrored(turn);
}

/// Permission and limits first: what is refused here is executed nowhere, here or beyond a link.
void Node::execute(Peer& from, const Command& command, std::string_view line, Turn& turn) {
    if (!protocol::info(command.verb).to_node) return refuse(from, line, turn);
    if (!permitted(from, command)) return deny(from, turn);
    if (!fits_limits(from, command.name, turn)) return;
    dispatch(from, command, line, turn);
}

bool Node::permitted(const Peer& from, const Command& command) {
    const auto needed = protocol::info(command.verb).permission;
    switch (command.verb) {
        case Verb::listen:
        case Verb::listen_and_retrieve:
            return protocol::is_listen_pattern(command.name)
                       ? from.access.allow_all_of(needed, command.name)
                       : from.access.allow(needed, command.name);
        case Verb::unlisten:
            return from.access.allow(needed);
        case Verb::increment_and_retrieve:
        case Verb::decrement_and_retrieve:
            return from.access.allow(Permission::read, command.name) &&
                   from.access.allow(needed, command.name);
        default:
            return command.name.empty() ? from.access.allow(needed)
                                        : from.access.allow(needed, command.name);
    }
}

bool Node::fits_limits(Peer& from, std::string_view name, Turn& turn) {
    if (name.size() <= settings_.limits.key_bytes) return true;
    const std::string limit = std::to_string(settings_.limits.key_bytes);
    complain(from, Complaint::name_too_long, "limit", limit);
    from.refused_line = true;
    reply(from, "OVERHEAD E", "name_too_long limit=" + limit + " (limits.key)", turn);
    return false;
}

/// None fits.
bool Node::fits_limits(Peer& from, const std::optional<protocol::NamePattern>& pattern,
                       Turn& turn) {
    if (!pattern) return true;
    if (!fits_limits(from, pattern->text(), turn)) return false;
    if (!pattern->is_too_complex()) return true;
    refuse_complex(from, turn);
    return false;
}

/// In the log once for each peer; how often it has happened follows when the connection ends.
void Node::complain(Peer& about, Complaint what, std::string_view key, std::string_view value) {
    if (!about.complaints.add(what)) return;
    log_.warning(to_string(what), {{"client", about.id}, {key, value}});
}

void Node::tell_repeated(std::string_view client, const Complaints& complaints) {
    complaints.for_each_repeated([&](Complaint what, std::uint64_t times) {
        log_.warning(
            "repeated",
            {{"client", client}, {"event", to_string(what)}, {"count", std::to_string(times)}});
    });
}

void Node::refuse_complex(Peer& from, Turn& turn) {
    const std::string levels = std::to_string(protocol::most_pattern_levels);
    const std::string stars = std::to_string(protocol::most_pattern_stars);
    reply(from, "OVERHEAD E", "pattern_too_complex levels=" + levels + " stars=" + stars, turn);
}

void Node::dispatch(Peer& from, const Command& command, std::string_view line, Turn& turn) {
    switch (command.verb) {
        case Verb::notify:
        case Verb::set:
            publish(&from, command, turn);
            return forward_signal(&from, line, turn);
        case Verb::store:
        case Verb::set_and_store:
        case Verb::remove:
        case Verb::increment:
        case Verb::decrement:
            return store(from, command, line, turn);
        case Verb::increment_and_retrieve:
        case Verb::decrement_and_retrieve:
            return add_and_retrieve(from, command, turn);
        case Verb::retrieve:
            return retrieve(from, command.name, turn);
        case Verb::retrieve_many:
            return answer_each(from, command, line, &Node::retrieve, turn);
        case Verb::exists:
            return exists(from, command.name, turn);
        case Verb::clear_cache:
            return clear_cache(from, turn);
        case Verb::key_list:
            return key_list(from, command, line, turn);
        case Verb::store_for:
            return store_for(from, command, line, turn);
        case Verb::expire:
            return expire(from, command, line, turn);
        case Verb::ttl:
            return answer_each(from, command, line, &Node::time_to_live, turn);
        case Verb::flags:
            return answer_each(from, command, line, &Node::flags, turn);
        case Verb::store_if:
            return store_if(from, command, line, turn);
        case Verb::remove_if:
            return remove_if(from, command, line, turn);
        case Verb::retrieve_version:
            return retrieve_version(from, command.name, turn);
        case Verb::listen:
            listen(from, command.name, turn);
            return;
        case Verb::listen_and_retrieve:
            return listen_and_retrieve(from, command, turn);
        case Verb::gaps:
            return gaps(from, command.value, line, turn);
        case Verb::unlisten:
            return unlisten(from, command.name);
        case Verb::flush:
            return reply(from, "FLUSHED", command.value, turn);
        case Verb::overhead:
            return overhead(from, command, line, turn);
        case Verb::keysync:
            return from.link ? merge(from, command, turn) : deny(from, turn);
        case Verb::node:
            return from.link ? on_report(from, command, turn) : refuse(from, line, turn);
        case Verb::features:
            return features(from, turn);
        case Verb::status:
            return status(from, turn);
        case Verb::tree:
            return tree(from, turn);
        case Verb::save:
            return save(from, turn);
        case Verb::monitor:
            return monitor(from, command, line, turn);
        case Verb::unmonitor:
            return stop_monitoring(from, turn);
        case Verb::client_list:
            return client_list(from, turn);
        case Verb::client_disconnect:
            return client_disconnect(from, command.name, turn);
        case Verb::ping:
            from.pinged = turn.now.mono;
            from.pinged_wall = turn.now.wall;
            return;
        case Verb::noping:
            from.pinged = MonoTime::max();
            from.pinged_wall = WallTime{};
            return;
        case Verb::clacks:
            return registry_.set_client_info(from, command.value);
        case Verb::quit:
            return close(from, CloseReason::quit, turn);
        case Verb::timeout:
            return close(from, CloseReason::peer_timed_out, turn);
        case Verb::nop:
            return;
        default:
            return refuse(from, line, turn);
    }
}

void Node::refuse(Peer& from, std::string_view line, Turn& turn) {
    Counters::add(count(turn).refused);
    // Not its first word: a mistyped login may begin with the password.
    const std::string bytes = std::to_string(line.size());
    log_.debug("unknown_command", {{"client", from.id}, {"bytes", bytes}});
    reply(from, "OVERHEAD E unknown_command", line, turn);
}

void Node::deny(Peer& from, Turn& turn) {
    Counters::add(count(turn).denied);
    log_.debug("permission_denied", {{"client", from.id}, {"user", from.user}});
    turn.outbox.send(from, "OVERHEAD E permission_denied\r\n");
}

void Node::reply(Peer& to, std::string_view verb, std::string_view text, Turn& turn) {
    auto& bytes = turn.scratch;
    bytes.assign(verb);
    bytes += ' ';
    bytes += text;
    bytes += "\r\n";
    turn.outbox.send(to, bytes);
}

MonoTime Node::deadline(const Peer& peer) const {
    const auto& timeouts = settings_.timeouts;
    if (peer.closing) return MonoTime::max();
    if (!peer.logged_in || (peer.link && !peer.link->takes_signals())) {
        return peer.connected + timeouts.authentication;
    }
    if (peer.link) return peer.link->deadline();
    const MonoTime pinged = peer.pinged;
    const MonoTime silent = pinged == MonoTime::max() ? pinged : pinged + timeouts.ping;
    return std::min(silent, peer.last_output.load() + timeouts.keepalive);
}

void Node::on_deadline(Peer& peer, Turn& turn) {
    if (peer.closing || turn.now.mono < deadline(peer)) return;
    if (!peer.logged_in || (peer.link && !peer.link->takes_signals())) {
        return close(peer, CloseReason::login_timeout, turn);
    }
    if (peer.link) {
        turn.scratch.clear();
        if (!peer.link->on_deadline(turn.now, turn.scratch)) {
            return close(peer, CloseReason::ping_timeout, turn);
        }
        if (turn.scratch.empty()) return;
        peer.link->asks_tree_time(tree_time(turn));
        turn.outbox.send(peer, turn.scratch);
        if (peer.link->is_live()) feed(peer, turn);  // which says what the peer has now
        return;
    }
    const MonoTime pinged = peer.pinged;
    if (pinged != MonoTime::max() && turn.now.mono >= pinged + settings_.timeouts.ping) {
        return close(peer, CloseReason::ping_timeout, turn);
    }
    peer.last_output = turn.now.mono;
    turn.outbox.send(peer, "NOP\r\n");
}

/// Whether what the peer proved when it logged in, and we to a master, would be right with `users`.
bool Node::login_holds(const Peer& peer, const Users& users) const {
    if (peer.is_uplink) {
        if (users.identity() != users_.identity()) return false;
        if (!peer.link->takes_signals()) return true;  // its login is yet to be checked
    }
    const auto before = users_.find(peer.user);
    const auto after = users.find(peer.user);
    if (!before || !after) return false;
    if (peer.link && !after->permissions.allow(Permission::interclacks)) return false;
    return before->password == after->password && before->certificate == after->certificate;
}

/// The client hears nothing of it.
void Node::tell_ended(const Peer& peer, std::size_t listens) {
    if (listens == 0) return;
    log_.info("listens_ended", {{"client", peer.id},
                                {"user", peer.user},
                                {"count", std::to_string(listens)},
                                {"why", "the user may not read these names any more"}});
}

void Node::reload(Settings settings, Turn& turn) {
    Users users(settings.users, settings.nobodys_password);
    std::vector<Peer*> revoked;
    registry_.for_each([&](Peer& peer) {
        if (!peer.logged_in) return;
        if (!login_holds(peer, users)) return revoked.push_back(&peer);
        if (!peer.link) tell_ended(peer, apply_access(peer, Access(users.find(peer.user)), turn));
    });
    for (Peer* peer : revoked) close(*peer, CloseReason::login_revoked, turn);
    if (!users.same_logins(users_)) login_guard_.logins_changed();
    users_ = std::move(users);
    settings_ = std::move(settings);
    cache_.set_budget(settings_.cache.memory, settings_.cache.evict);
}

}  // namespace clacks::node
