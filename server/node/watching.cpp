// MONITOR, CLIENTLIST, CLIENTDISCONNECT: protocol.txt, "Watching and managing".
#include "server/node/node.hpp"

namespace clacks::node {

using protocol::Command;
using protocol::Verb;

/// Mirrors a line as it was received. Never credentials, whoever sent them, and nothing from a
/// master that has not proved who it is.
void Node::mirror(Peer& from, const boost::system::result<Command>& command, std::string_view line,
                  Turn& turn) {
    if (monitor_count_.load(std::memory_order_relaxed) == 0 || !from.reachable) return;
    if (command && command->verb == Verb::clacks) return;
    if (command && (command->flags.has('N') || command->flags.has('A'))) return;
    tell_monitors(from.id, line, turn);
}

void Node::tell_monitors(std::string_view name, std::string_view value, Turn& turn) {
    if (monitor_count_.load(std::memory_order_relaxed) == 0) return;
    std::string bytes = "DEBUG ";
    bytes.reserve(bytes.size() + name.size() + value.size() + 3);
    bytes.append(name).append("=").append(value).append("\r\n");
    audience_.read(turn.worker, [&](const Audience& audience) {
        for (Peer* to : audience.monitors) turn.outbox.send(*to, bytes);
    });
}

void Node::monitor(Peer& from, bool on) {
    if (from.monitoring.exchange(on) == on) return;
    if (on) {
        ++monitor_count_;
    } else {
        --monitor_count_;
    }
    audience_.change([&](Audience& audience) {
        std::erase(audience.monitors, &from);
        if (on) audience.monitors.push_back(&from);
    });
}

void Node::client_list(Peer& from, Turn& turn) {
    turn.outbox.send(from, "CLIENTLISTSTART\r\n" + registry_.client_lines() + "CLIENTLISTEND\r\n");
}

void Node::client_disconnect(Peer& from, std::string_view id, Turn& turn) {
    registry_.for_each([&](Peer& peer) {
        if (peer.id != id) return;
        log_.warning("client_disconnected", {{"client", peer.id}, {"by", from.id}});
        turn.outbox.close(peer, CloseReason::disconnected_by_manager);
    });
}

}  // namespace clacks::node
