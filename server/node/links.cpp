// What a node does with its links to other nodes: protocol.txt, "Interclacks".
#include <utility>

#include "protocol/login_delay.hpp"
#include "server/node/node.hpp"

namespace clacks::node {

using interclacks::Link;
using protocol::Command;
using protocol::Verb;

namespace {

std::string_view why_refused(const Peer& peer, const Command& command) {
    if (!peer.is_uplink) {
        return "the slave does not know this user and password, our first: both nodes of a link "
               "must have the same first user";
    }
    return command.flags.has('F')
               ? "the master does not accept our user or password"
               : "this user may not open links there: it must be the master's first user";
}

}  // namespace

interclacks::Link::Settings Node::link_settings(protocol::Credentials identity) const {
    return {.software = identity_.software,
            .identity = std::move(identity),
            .ping_timeout = settings_.timeouts.link_ping,
            .announcement = announcement()};
}

void Node::connected_to_master(Peer& peer, protocol::Credentials identity, Turn& turn) {
    peer.connected = turn.now.mono;
    peer.last_output = turn.now.mono;
    peer.logged_in = true;  // the link itself obeys nothing before the master has proved who it is
    peer.access = Access::everything();
    peer.link = std::make_unique<Link>(Link::Role::uplink, ++last_origin_,
                                       link_settings(std::move(identity)), turn.now);
    registry_.add(peer);
    tell_monitors("CONNECTED", peer.id, turn);
    turn.scratch.clear();
    peer.link->open(turn.now, turn.scratch);
    peer.link->asks_tree_time(tree_time(turn));
    turn.outbox.send(peer, turn.scratch);
    add_link(peer);
}

void Node::become_downlink(Peer& peer, Turn& turn) {
    if (peer.link) return;
    for (const auto& name : peer.listens) subscriptions_.remove(name, peer);
    peer.listens.clear();
    stop_monitoring(peer, turn);
    peer.access = Access::everything();
    peer.link = std::make_unique<Link>(Link::Role::downlink, ++last_origin_,
                                       link_settings(users_.identity()), turn.now);
    turn.scratch.clear();
    peer.link->open(turn.now, turn.scratch);
    turn.outbox.send(peer, turn.scratch);
    add_link(peer);
    peer.sending_store = true;
    log_.info("link_up", {{"peer", "slave"}, {"client", peer.id}, {"user", peer.user}});
}

void Node::add_link(Peer& peer) {
    peer.is_uplink = peer.link->role() == Link::Role::uplink;
    peer.is_link = true;
    ++link_count_;
    audience_.change([&](Audience& audience) { audience.links.push_back(&peer); });
    fed_links_.change([&](std::vector<Peer*>& links) { links.push_back(&peer); });
}

/// Returns whether the line is to be executed, or refused, like a client's.
bool Node::line_from_link(Peer& peer, const boost::system::result<Command>& command, Turn& turn) {
    std::string answer;
    const auto next =
        command ? peer.link->on(*command, turn.now, answer) : peer.link->on_nonsense();
    if (!answer.empty()) turn.outbox.send(peer, answer);
    switch (next) {
        case Link::Next::execute:
            return true;
        case Link::Next::nothing:
            if (!command) return false;
            if (command->verb == Verb::clacks) registry_.set_client_info(peer, command->value);
            if (command->verb == Verb::ping) peer.pinged_wall = turn.now.wall;
            return false;
        case Link::Next::merge:
            return true;
        case Link::Next::check_login:
            check_master(peer, command->value, turn);
            return false;
        case Link::Next::send_store:
            peer.sending_store = true;
            return false;
        case Link::Next::announced:
            on_announcement(peer, command->value, turn);
            return false;
        case Link::Next::peer_error:
            complain(peer, Complaint::peer_error, "text", command->value);
            if (const auto wait = protocol::parse_login_delay(command->value)) {
                peer.told_to_wait = *wait;
            }
            return false;
        case Link::Next::login_refused:
            peer.refused = true;
            log_.error("link_refused", {{"client", peer.id},
                                        {"user", peer.link->our_user()},
                                        {"what", why_refused(peer, *command)}});
            close(peer, CloseReason::refused_by_master, turn);
            return false;
        case Link::Next::not_clacks:
            log_.error("not_clacks",
                       {{"client", peer.id}, {"what", "the master is no Clacks node"}});
            close(peer, CloseReason::not_clacks, turn);
            return false;
    }
    return false;
}

void Node::check_master(Peer& peer, std::string_view token, Turn& turn) {
    const auto given = protocol::decode_token(token);
    if (!given) return master_checked(peer, nullptr, turn);
    check_login(peer, *given, turn);
}

void Node::master_checked(Peer& peer, const std::shared_ptr<const User>& user, Turn& turn) {
    const bool known = user && user->permissions.allow(protocol::Permission::interclacks);
    std::string answer;
    peer.link->login_checked(known, answer);
    turn.outbox.send(peer, answer);
    if (!known) {
        log_.error("unknown_master",
                   {{"client", peer.id},
                    {"what",
                     "the master's own user is not our first user; both nodes of a link "
                     "must know each other"}});
        return close(peer, CloseReason::unknown_master, turn);
    }
    peer.user = user->name;
    peer.reachable = true;
    log_.info("link_up", {{"peer", "master"}, {"client", peer.id}, {"user", peer.user}});
}

void Node::send_store(Peer& peer, Turn& turn) {
    if (peer.link->speaks_extensions()) return feed(peer, turn);
    peer.sending_store = peer.link->send_some(
        cache_, turn.now, turn.scratch,
        [&](std::string_view lines) { turn.outbox.send(peer, lines); }, ahead(turn));
    if (peer.sending_store) return;
    link_synced(peer, peer.link->clock_offset(), turn);
}

/// Our side is. `clock` is what must be added to the peer's times, or to ours for those of the
/// tree.
void Node::link_synced(Peer& peer, std::chrono::microseconds clock, Turn& turn) {
    peer.synced = true;
    log_.info("link_synced",
              {{"client", peer.id}, {"clock_offset_ms", std::to_string(clock.count() / 1000)}});
    // Between our own nodes paths tell of a ring, unless a part of it is plain: one end asks.
    if (peer.is_uplink || !peer.link->speaks_extensions()) send_probe(peer, turn);
}

void Node::merge(Peer& from, const Command& keysync, Turn& turn) {
    if (from.link->speaks_extensions()) return merge_versioned(from, keysync, turn);
    auto entry = from.link->on_our_clock(keysync);
    const auto room = cache_.make_room(entry, tree_time(turn));
    if (!has_room(from, room, turn)) return;
    auto shard = cache_.lock(entry.key);
    if (auto ours = shard.find(entry.key)) {
        ours->changed -= ahead(turn);
        if (from.link->outdated(entry, *ours)) return;
    }
    entry.changed += ahead(turn);
    entry.accessed += ahead(turn);
    const auto result = shard.merge_plain(entry);
    if (result == cache::Merge::superseded && from.link->carries(shard.index())) {
        // The peer missed a CLEARCACHE; what it still has must not come back.
        turn.scratch.clear();
        Link::format_keysync(*shard.find(entry.key), turn.now.wall, ahead(turn), turn.scratch);
        turn.outbox.send(from, turn.scratch);
    }
    if (result != cache::Merge::taken || link_count_.load(std::memory_order_relaxed) < 2) return;
    turn.scratch.clear();
    Link::format_keysync(*shard.find(entry.key), turn.now.wall, ahead(turn), turn.scratch);
    forward_change(&from, shard.index(), turn.scratch, {}, turn);
}

void Node::forward_signal(const Peer* from, std::string_view line, Turn& turn) {
    if (link_count_.load(std::memory_order_relaxed) == 0) return;
    turn.scratch.assign(line);
    turn.scratch += "\r\n";
    audience_.read(turn.worker, [&](const Audience& audience) {
        for (Peer* link : audience.links) {
            if (link != from && link->link->takes_signals()) turn.outbox.send(*link, turn.scratch);
        }
    });
}

void Node::forward_to_ours(Peer& from, std::string_view lines, Turn& turn) {
    audience_.read(turn.worker, [&](const Audience& audience) {
        for (Peer* to : audience.links) {
            const bool hears = to->link->speaks_extensions() && to->link->takes_signals();
            if (to != &from && hears) turn.outbox.send(*to, lines);
        }
    });
}

/// A change of the store: to plain nodes as `line`, to our own with the feed of their link.
/// `signal`: what it also is, for plain links that get the value with the store.
void Node::forward_change(const Peer* from, unsigned shard, std::string_view line,
                          std::string_view signal, Turn& turn) {
    if (link_count_.load(std::memory_order_relaxed) == 0) return;
    audience_.read(turn.worker, [&](const Audience& audience) {
        for (Peer* to : audience.links) {
            if (to->link->speaks_extensions()) {
                to->link->changed(shard);
                turn.changes_to_feed = true;
            } else if (to != from) {
                const bool carried = to->link->carries(shard);
                const auto lines = carried                     ? line
                                   : to->link->takes_signals() ? signal
                                                               : std::string_view();
                if (!lines.empty()) turn.outbox.send(*to, lines);
            }
        }
    });
}

/// All that was written until `cleared` is gone: a plain node takes that to be the present. What
/// was not, but is gone too, or has lost a part, is a change like any.
void Node::forward_clear(const Peer* from, WallTime cleared, Turn& turn) {
    if (link_count_.load(std::memory_order_relaxed) == 0) return;
    std::string ours;
    const auto microseconds = std::to_string(cleared.time_since_epoch().count());
    Link::format_announcement("cleared=" + microseconds + ";", ours);
    audience_.read(turn.worker, [&](const Audience& audience) {
        for (Peer* to : audience.links) {
            to->link->all_changed();
            turn.changes_to_feed = true;
            if (to == from || !to->link->takes_signals()) continue;
            if (!to->link->speaks_extensions()) turn.outbox.send(*to, "CLEARCACHE\r\n");
            if (to->positioned) turn.outbox.send(*to, ours);
        }
    });
}

}  // namespace clacks::node
