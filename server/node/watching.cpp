// MONITOR, CLIENTLIST, CLIENTDISCONNECT: protocol.txt, "Watching and managing".
#include <algorithm>
#include <boost/algorithm/string/predicate.hpp>
#include <locale>
#include <utility>

#include "server/node/node.hpp"

namespace clacks::node {

using protocol::Command;
using protocol::Verb;

namespace {

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
    const auto limits = monitor_limits(turn);
    if (sees_all_count_.load(std::memory_order_relaxed) > 0) {
        turn.mirrored.add(client, line, limits, [&] { send_mirrored(turn); });
    }
    if (filtered_count_.load(std::memory_order_relaxed) == 0) return;
    audience_.read(turn.worker, [&](const Audience& audience) {
        for (const Monitor& monitor : audience.monitors) {
            const auto& filter = monitor.watch->filter;
            if (filter.passes_all() || !filter.passes(client, command)) continue;
            if (filter.one_in() > 1 && monitor.passed++ % filter.one_in() != 0) continue;
            turn.mirrored_to_others = true;
            monitor.mirrored.add(client, line, limits, [&] { show_own(monitor, turn); });
        }
    });
}

void Node::send_mirrored(Turn& turn) {
    const bool to_others = std::exchange(turn.mirrored_to_others, false);
    if (turn.mirrored.empty() && !to_others) return;
    audience_.read(turn.worker, [&](const Audience& audience) {
        for (const Monitor& monitor : audience.monitors) {
            if (monitor.watch->filter.passes_all()) {
                show(monitor, turn.mirrored, turn);
            } else {
                show_own(monitor, turn);
            }
        }
    });
    constexpr std::size_t most_kept = 256U << 10U;
    turn.mirrored.clear(most_kept);
}

/// Sends lines, unless the monitor is too far behind; what was left out is missing behind them.
void Node::show(const Monitor& monitor, const Mirrored& mirrored, Turn& turn) {
    auto& missed = monitor.watch->missed;
    if (!mirrored.lines().empty()) {
        // Signals that it misses are told when nothing waits any more, which must come.
        const Gaps* const gaps = monitor.peer->gaps;
        const bool misses_signals = gaps && gaps->losing();
        missed.show(mirrored.lines(), mirrored.count(),
                    {settings_.limits.output_bytes, misses_signals},
                    [&](std::string_view bytes, std::size_t most_waiting) {
                        return turn.outbox.offer(*monitor.peer, bytes, most_waiting);
                    });
    }
    if (mirrored.left_out() > 0) missed.add(mirrored.left_out());
}

/// What only this one, with conditions, is to see of the worker. There may be many of them: they
/// keep little.
void Node::show_own(const Monitor& monitor, Turn& turn) {
    constexpr std::size_t most_kept = 4U << 10U;
    show(monitor, monitor.mirrored, turn);
    monitor.mirrored.clear(most_kept);
}

/// For those to whom nothing is shown at present.
void Node::tell_all_missed(Turn& turn) {
    if (!is_watched()) return;
    send_mirrored(turn);
    const std::size_t limit = settings_.limits.output_bytes / 8;
    audience_.read(turn.worker, [&](const Audience& audience) {
        for (const Monitor& monitor : audience.monitors) {
            tell_missed(*monitor.peer, *monitor.watch, limit, turn);
        }
    });
}

void Node::tell_missed(Peer& to, Watch& watch, std::size_t most_waiting, Turn& turn) {
    watch.missed.tell(most_waiting, [&](std::string_view bytes, std::size_t most) {
        return turn.outbox.offer(to, bytes, most);
    });
}

void Node::tell_monitors(std::string_view event, std::string_view what, Turn& turn) {
    if (sees_all_count_.load(std::memory_order_relaxed) == 0) return;
    turn.mirrored.add_event(event, what, monitor_limits(turn), [&] { send_mirrored(turn); });
}

/// A second MONITOR replaces the conditions of the first; the budgets stay.
void Node::monitor(Peer& from, const Command& command, std::string_view line, Turn& turn) {
    auto filter = MonitorFilter::make(command.value);
    if (!filter) return refuse(from, line, turn);
    if (!fits_limits(from, filter->client(), turn)) return;
    if (!fits_limits(from, filter->name(), turn)) return;
    send_mirrored(turn);
    const auto watch = std::make_shared<Watch>(std::move(*filter));
    const bool all = watch->filter.passes_all();
    auto& former_count = count_of_monitors(from);
    const bool was_monitoring = from.monitoring.exchange(true);
    // While it stands in the audience with conditions it does not see all: what stands before its
    // answers is found there then. What is counted is never less than what stands there.
    ++(all ? sees_all_count_ : filtered_count_);
    if (!all) from.sees_all = false;
    std::shared_ptr<Watch> former;
    audience_.change([&](Audience& audience) {
        Monitor& monitor = audience.monitor_of(from);
        if (monitor.watch) show_own(monitor, turn);
        former = std::exchange(monitor.watch, watch);
        monitor.passed = 0;
    });
    if (former) tell_missed(from, *former, settings_.limits.output_bytes, turn);
    if (all) from.sees_all = true;
    if (was_monitoring) --former_count;
}

/// It is told what it has missed, unless it is on its way out.
void Node::stop_monitoring(Peer& peer, Turn& turn) {
    if (!peer.monitoring) return;
    if (!peer.closing) send_mirrored(turn);
    std::shared_ptr<Watch> watch;
    audience_.change([&](Audience& audience) {
        const Monitor& monitor = audience.monitor_of(peer);
        if (!peer.closing) show_own(monitor, turn);
        watch = monitor.watch;
        std::erase_if(audience.monitors, [&](const Monitor& each) { return each.peer == &peer; });
    });
    --count_of_monitors(peer);
    peer.sees_all = false;
    peer.monitoring = false;
    if (!peer.closing) tell_missed(peer, *watch, settings_.limits.output_bytes, turn);
}

/// What it asked for; new if it is none yet.
Node::Monitor& Node::Audience::monitor_of(Peer& peer) {
    const auto found = std::find_if(monitors.begin(), monitors.end(),
                                    [&](const Monitor& each) { return each.peer == &peer; });
    return found != monitors.end() ? *found : monitors.emplace_back(Monitor{.peer = &peer});
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
