#include "server/node/node.hpp"

#include <algorithm>
#include <utility>

namespace clacks::node {

using protocol::Command;
using protocol::Verb;

Node::Node(Settings settings, std::string software, unsigned worker_count, Log& log,
           cache::HashKey hash_key)
    : settings_(std::move(settings)),
      software_(std::move(software)),
      log_(log),
      users_(settings_.users),
      cache_(hash_key),
      audience_(worker_count) {}

void Node::connected(Peer& peer, Turn& turn) {
    peer.connected = turn.now.mono;
    peer.last_output = turn.now.mono;
    registry_.add(peer);
    tell_monitors("CONNECTED", peer.id, turn);
    turn.outbox.send(peer, "CLACKS " + software_ + "\r\nOVERHEAD M Authentication required\r\n");
}

void Node::disconnected(Peer& peer, CloseReason reason, Turn& turn) {
    peer.closing = true;
    for (const auto& name : peer.listens) subscriptions_.remove(name, peer);
    peer.listens.clear();
    if (peer.link || peer.monitoring) {
        audience_.change([&](Audience& audience) {
            std::erase(audience.links, &peer);
            std::erase(audience.monitors, &peer);
        });
    }
    if (peer.link) --link_count_;
    if (peer.monitoring.exchange(false)) --monitor_count_;
    registry_.remove(peer);
    const std::string queued = std::to_string(peer.queued_bytes());
    tell_monitors("DISCONNECTED", peer.id + " (" + queued + " bytes discarded from outbuffer)",
                  turn);
    log_.info(peer.link ? "link_down" : "disconnected",
              {{"client", peer.id}, {"user", peer.user}, {"reason", to_string(reason)}});
}

void Node::line(Peer& peer, std::string_view line, Turn& turn) {
    if (peer.closing) return;
    if (!peer.logged_in) return line_before_login(peer, line, turn);

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
    log_.warning("line_too_long", {{"client", peer.id}, {"limit", limit}});
    if (!peer.logged_in) {
        peer.closing = true;
        return turn.outbox.close(peer, CloseReason::flood);
    }
    reply(peer, "OVERHEAD E", "line_too_long limit=" + limit + " (limits.line)", turn);
}

std::size_t Node::line_limit(const Peer& peer) const {
    constexpr std::size_t before_login = 8192;  // a name, or two Base64 words
    return peer.logged_in ? settings_.limits.line_bytes
                          : std::min(before_login, settings_.limits.line_bytes);
}

/// Permission and limits first: what is refused here is executed nowhere, here or beyond a link.
void Node::execute(Peer& from, const Command& command, std::string_view line, Turn& turn) {
    const auto& verb = protocol::info(command.verb);
    if (!verb.to_node) return refuse(from, line, turn);
    if (!from.permissions.allow(verb.permission)) return deny(from, turn);
    if (!fits_limits(from, command, turn)) return;
    dispatch(from, command, line, turn);
}

bool Node::fits_limits(Peer& from, const Command& command, Turn& turn) {
    if (command.name.size() <= settings_.limits.key_bytes) return true;
    const std::string limit = std::to_string(settings_.limits.key_bytes);
    log_.warning("name_too_long", {{"client", from.id}, {"limit", limit}});
    reply(from, "OVERHEAD E", "name_too_long limit=" + limit + " (limits.key)", turn);
    return false;
}

void Node::dispatch(Peer& from, const Command& command, std::string_view line, Turn& turn) {
    switch (command.verb) {
        case Verb::notify:
        case Verb::set:
            publish(from, command, turn);
            return forward_signal(from, line, turn);
        case Verb::store:
        case Verb::set_and_store:
        case Verb::remove:
        case Verb::increment:
        case Verb::decrement:
            return store(from, command, line, turn);
        case Verb::retrieve:
            return retrieve(from, command, turn);
        case Verb::clear_cache:
            return clear_cache(from, line, turn);
        case Verb::key_list:
            return key_list(from, turn);
        case Verb::listen:
            return listen(from, command.name, turn);
        case Verb::unlisten:
            return unlisten(from, command.name);
        case Verb::flush:
            return reply(from, "FLUSHED", command.value, turn);
        case Verb::overhead:
            return overhead(from, command, line, turn);
        case Verb::keysync:
            return from.link ? merge(from, command, turn) : deny(from, turn);
        case Verb::monitor:
            return monitor(from, true);
        case Verb::unmonitor:
            return monitor(from, false);
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
        case Verb::timeout:
            from.closing = true;
            return turn.outbox.close(
                from, command.verb == Verb::quit ? CloseReason::quit : CloseReason::peer_timed_out);
        case Verb::nop:
            return;
        default:
            return refuse(from, line, turn);
    }
}

void Node::refuse(Peer& from, std::string_view line, Turn& turn) {
    log_.debug("unknown_command", {{"client", from.id}, {"line", line}});
    reply(from, "OVERHEAD E unknown_command", line, turn);
}

void Node::deny(Peer& from, Turn& turn) {
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
    const auto close = [&](CloseReason reason) {
        peer.closing = true;
        turn.outbox.close(peer, reason);
    };
    if (!peer.logged_in || (peer.link && !peer.link->takes_signals())) {
        return close(CloseReason::login_timeout);
    }
    if (peer.link) {
        turn.scratch.clear();
        if (!peer.link->on_deadline(turn.now, turn.scratch))
            return close(CloseReason::ping_timeout);
        if (!turn.scratch.empty()) turn.outbox.send(peer, turn.scratch);
        return;
    }
    const MonoTime pinged = peer.pinged;
    if (pinged != MonoTime::max() && turn.now.mono >= pinged + settings_.timeouts.ping) {
        return close(CloseReason::ping_timeout);
    }
    peer.last_output = turn.now.mono;
    turn.outbox.send(peer, "NOP\r\n");
}

}  // namespace clacks::node
