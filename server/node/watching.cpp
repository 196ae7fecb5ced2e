// MONITOR, CLIENTLIST, CLIENTDISCONNECT: protocol.txt, "Watching and managing".
#include <boost/algorithm/string/predicate.hpp>
#include <locale>
#include <utility>

#include "server/node/node.hpp"

namespace clacks::node {

using protocol::Command;
using protocol::Verb;

namespace {

std::string debug_line(std::string_view name, std::string_view value) {
    std::string bytes = "DEBUG ";
    bytes.reserve(bytes.size() + name.size() + value.size() + 3);
    return std::move(bytes.append(name).append("=").append(value).append("\r\n"));
}

/// A line that is no command may be a mistyped login: `OVERHEAD  A …`, ` overhead A …`.
std::string without_credentials(std::string_view line) {
    if (!boost::algorithm::icontains(line, "overhead", std::locale::classic())) {
        return std::string(line);
    }
    return "(unparsable line of " + std::to_string(line.size()) + " bytes)";
}

}  // namespace

/// Mirrors a line as it was received. Never credentials, whoever sent them, and nothing from a
/// master that has not proved who it is.
void Node::mirror(Peer& from, const boost::system::result<Command>& command, std::string_view line,
                  Turn& turn) {
    if (monitor_count_.load(std::memory_order_relaxed) == 0 || !from.reachable) return;
    if (command && command->verb == Verb::clacks) return;
    if (command && (command->flags.has('N') || command->flags.has('A'))) return;
    if (from.link && !from.link->takes_signals()) return;
    const auto sequence = mirrored_.fetch_add(1, std::memory_order_relaxed);
    std::string bytes;  // made when the first monitor wants it
    audience_.read(turn.worker, [&](const Audience& audience) {
        for (const Monitor& monitor : audience.monitors) {
            if (!monitor.filter->passes(from.id, command ? &*command : nullptr, sequence)) continue;
            if (bytes.empty()) {
                bytes = debug_line(from.id, command ? line : without_credentials(line));
            }
            turn.outbox.send(*monitor.peer, bytes);
        }
    });
}

void Node::tell_monitors(std::string_view event, std::string_view what, Turn& turn) {
    if (monitor_count_.load(std::memory_order_relaxed) == 0) return;
    const std::string bytes = debug_line(event, what);
    audience_.read(turn.worker, [&](const Audience& audience) {
        for (const Monitor& monitor : audience.monitors) {
            if (monitor.filter->passes_events()) turn.outbox.send(*monitor.peer, bytes);
        }
    });
}

/// A second MONITOR replaces the filter of the first.
void Node::monitor(Peer& from, const Command& command, std::string_view line, Turn& turn) {
    auto filter = MonitorFilter::make(command.value);
    if (!filter) return refuse(from, line, turn);
    if (!fits_limits(from, filter->client(), turn)) return;
    if (!fits_limits(from, filter->name(), turn)) return;
    const auto shared = std::make_shared<const MonitorFilter>(std::move(*filter));
    audience_.change([&](Audience& audience) {
        std::erase_if(audience.monitors, [&](const Monitor& each) { return each.peer == &from; });
        audience.monitors.push_back({&from, shared});
    });
    if (!from.monitoring.exchange(true)) ++monitor_count_;
}

void Node::stop_monitoring(Peer& peer) {
    if (!peer.monitoring.exchange(false)) return;
    --monitor_count_;
    audience_.change([&](Audience& audience) {
        std::erase_if(audience.monitors, [&](const Monitor& each) { return each.peer == &peer; });
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
