// MONITOR, CLIENTLIST, CLIENTDISCONNECT: protocol.txt, "Watching and managing".
#include <boost/algorithm/string/predicate.hpp>
#include <locale>
#include <utility>

#include "server/node/node.hpp"

namespace clacks::node {

using protocol::Command;
using protocol::Verb;

namespace {

void append_debug_line(std::string& bytes, std::string_view name, std::string_view value) {
    bytes.append("DEBUG ").append(name).append("=").append(value).append("\r\n");
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
    if (!is_watched() || !from.reachable) return;
    if (command && command->verb == Verb::clacks) return;
    if (command && (command->flags.has('N') || command->flags.has('A'))) return;
    if (from.link && !from.link->takes_signals()) return;
    std::string concealed;
    if (!command) concealed = without_credentials(line);
    mirror_line(from.id, command ? &*command : nullptr, command ? line : concealed, turn);
}

/// `command`: what the line is, if it is one.
void Node::mirror_line(std::string_view client, const Command* command, std::string_view line,
                       Turn& turn) {
    if (sees_all_count_.load(std::memory_order_relaxed) > 0) {
        constexpr std::size_t most_gathered = 32U << 10U;
        append_debug_line(turn.mirrored, client, line);
        if (turn.mirrored.size() >= most_gathered) send_mirrored(turn);
    }
    if (filtered_count_.load(std::memory_order_relaxed) == 0) return;
    auto& bytes = turn.scratch;
    bytes.clear();  // made when the first monitor wants it
    audience_.read(turn.worker, [&](const Audience& audience) {
        for (const Monitor& monitor : audience.monitors) {
            const auto& filter = *monitor.filter;
            if (filter.passes_all() || !filter.passes(client, command)) continue;
            if (filter.one_in() > 1 && monitor.passed++ % filter.one_in() != 0) continue;
            if (bytes.empty()) append_debug_line(bytes, client, line);
            turn.outbox.send(*monitor.peer, bytes);
        }
    });
}

void Node::send_mirrored(Turn& turn) {
    if (turn.mirrored.empty()) return;
    std::string lines;
    lines.swap(turn.mirrored);  // the outbox asks for them to go first: they are on their way
    audience_.read(turn.worker, [&](const Audience& audience) {
        for (const Monitor& monitor : audience.monitors) {
            if (monitor.filter->passes_all()) turn.outbox.send(*monitor.peer, lines);
        }
    });
    constexpr std::size_t most_kept = 256U << 10U;
    lines.clear();
    if (lines.capacity() <= most_kept) lines.swap(turn.mirrored);
}

void Node::tell_monitors(std::string_view event, std::string_view what, Turn& turn) {
    if (sees_all_count_.load(std::memory_order_relaxed) == 0) return;
    append_debug_line(turn.mirrored, event, what);
}

/// A second MONITOR replaces the filter of the first.
void Node::monitor(Peer& from, const Command& command, std::string_view line, Turn& turn) {
    auto filter = MonitorFilter::make(command.value);
    if (!filter) return refuse(from, line, turn);
    if (!fits_limits(from, filter->client(), turn)) return;
    if (!fits_limits(from, filter->name(), turn)) return;
    send_mirrored(turn);
    const auto shared = std::make_shared<const MonitorFilter>(std::move(*filter));
    const bool all = shared->passes_all();
    auto& former_count = count_of_monitors(from);
    const bool was_monitoring = from.monitoring.exchange(true);
    // While it stands in the audience with conditions it does not see all: who sends to it from
    // there must not be sent there again. What is counted is never less than what stands there.
    ++(all ? sees_all_count_ : filtered_count_);
    if (!all) from.sees_all = false;
    audience_.change([&](Audience& audience) {
        std::erase_if(audience.monitors, [&](const Monitor& each) { return each.peer == &from; });
        audience.monitors.push_back({.peer = &from, .filter = shared});
    });
    if (all) from.sees_all = true;
    if (was_monitoring) --former_count;
}

void Node::stop_monitoring(Peer& peer) {
    if (!peer.monitoring) return;
    audience_.change([&](Audience& audience) {
        std::erase_if(audience.monitors, [&](const Monitor& each) { return each.peer == &peer; });
    });
    --count_of_monitors(peer);
    peer.sees_all = false;
    peer.monitoring = false;
}

/// The count of such monitors as this peer is one.
std::atomic<unsigned>& Node::count_of_monitors(const Peer& peer) {
    return peer.sees_all ? sees_all_count_ : filtered_count_;
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
