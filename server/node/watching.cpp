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

std::size_t debug_line_size(std::string_view name, std::string_view value) {
    return std::size(std::string_view("DEBUG =\r\n")) + name.size() + value.size();
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
    const std::size_t size = debug_line_size(client, line);
    const std::size_t rate = settings_.limits.monitor_bytes;
    if (sees_all_count_.load(std::memory_order_relaxed) > 0) {
        constexpr std::size_t most_gathered = 32U << 10U;
        auto& mirrored = turn.mirrored;
        if (mirrored.budget.admits(size, turn.now.mono, rate)) {
            if (mirrored.left_out > 0) send_mirrored(turn);
            append_debug_line(mirrored.lines, client, line);
            ++mirrored.count;
            if (mirrored.lines.size() >= most_gathered) send_mirrored(turn);
        } else {
            ++mirrored.left_out;
        }
    }
    if (filtered_count_.load(std::memory_order_relaxed) == 0) return;
    auto& bytes = turn.scratch;
    bytes.clear();  // made when the first monitor wants it
    audience_.read(turn.worker, [&](const Audience& audience) {
        for (const Monitor& monitor : audience.monitors) {
            const auto& filter = monitor.watch->filter;
            if (filter.passes_all() || !filter.passes(client, command)) continue;
            if (filter.one_in() > 1 && monitor.passed++ % filter.one_in() != 0) continue;
            if (monitor.budget.admits(size, turn.now.mono, rate)) {
                if (bytes.empty()) append_debug_line(bytes, client, line);
                show(monitor, bytes, 1, turn);
            } else {
                monitor.watch->missed.add(1);
            }
        }
    });
}

void Node::send_mirrored(Turn& turn) {
    auto& mirrored = turn.mirrored;
    if (mirrored.lines.empty() && mirrored.left_out == 0) return;
    std::string lines;
    lines.swap(mirrored.lines);  // the outbox asks for them to go first: they are on their way
    const auto count = std::exchange(mirrored.count, 0);
    const auto left_out = std::exchange(mirrored.left_out, 0);
    audience_.read(turn.worker, [&](const Audience& audience) {
        for (const Monitor& monitor : audience.monitors) {
            if (!monitor.watch->filter.passes_all()) continue;
            if (!lines.empty()) show(monitor, lines, count, turn);
            monitor.watch->missed.add(left_out);
        }
    });
    constexpr std::size_t most_kept = 256U << 10U;
    lines.clear();
    if (lines.capacity() <= most_kept) lines.swap(mirrored.lines);
}

/// Sends so many lines, unless it is too far behind.
void Node::show(const Monitor& monitor, std::string_view lines, std::uint64_t count, Turn& turn) {
    auto& missed = monitor.watch->missed;
    const std::size_t waiting = monitor.peer->queued_bytes();
    if (!missed.admits(waiting, lines.size(), settings_.limits.output_bytes)) {
        return missed.add(count);
    }
    tell_missed(monitor, turn);
    turn.outbox.send(*monitor.peer, lines);
}

/// Unless there is no room for it: it is told later.
void Node::tell_missed(const Monitor& monitor, Turn& turn) {
    constexpr std::size_t longest = 64;
    const std::size_t waiting = monitor.peer->queued_bytes();
    if (waiting > 0 && waiting + longest > settings_.limits.output_bytes) return;
    const auto count = monitor.watch->missed.take();
    if (count == 0) return;
    std::string line;
    append_debug_line(line, "MONITOR", "MISSED=" + std::to_string(count));
    turn.outbox.send(*monitor.peer, line);
}

/// All of them, whether anything more is shown to them or not.
void Node::tell_missed(Turn& turn) {
    if (!is_watched()) return;
    send_mirrored(turn);
    audience_.read(turn.worker, [&](const Audience& audience) {
        for (const Monitor& monitor : audience.monitors) tell_missed(monitor, turn);
    });
}

void Node::tell_monitors(std::string_view event, std::string_view what, Turn& turn) {
    if (sees_all_count_.load(std::memory_order_relaxed) == 0) return;
    append_debug_line(turn.mirrored.lines, event, what);
    ++turn.mirrored.count;
}

/// A second MONITOR replaces the filter of the first.
void Node::monitor(Peer& from, const Command& command, std::string_view line, Turn& turn) {
    auto filter = MonitorFilter::make(command.value);
    if (!filter) return refuse(from, line, turn);
    if (!fits_limits(from, filter->client(), turn)) return;
    if (!fits_limits(from, filter->name(), turn)) return;
    tell_missed(turn);
    const auto watch = std::make_shared<Watch>(std::move(*filter));
    const bool all = watch->filter.passes_all();
    auto& former_count = count_of_monitors(from);
    const bool was_monitoring = from.monitoring.exchange(true);
    // While it stands in the audience with conditions it does not see all: who sends to it from
    // there must not be sent there again. What is counted is never less than what stands there.
    ++(all ? sees_all_count_ : filtered_count_);
    if (!all) from.sees_all = false;
    audience_.change([&](Audience& audience) {
        std::erase_if(audience.monitors, [&](const Monitor& each) { return each.peer == &from; });
        audience.monitors.push_back({.peer = &from, .watch = watch});
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
