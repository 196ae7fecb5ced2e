// The changes that clients of the memcached protocol make: protocol.txt, "Clients of memcached".
#include "server/node/outside.hpp"

#include <utility>

#include "server/node/node.hpp"

namespace clacks::node {

using protocol::Command;
using protocol::Verb;

namespace {

/// What those outside do is said once in this time, and then how often it was.
constexpr std::chrono::minutes complaint_interval{1};

/// What a plain node is to do; it knows no expiry and hears of the end when it comes.
std::optional<Command> plain_command(Command command) {
    if (command.verb == Verb::expire) return std::nullopt;
    if (command.verb == Verb::store_for) {
        command.verb = Verb::store;
        command.mode = {};
    }
    return command;
}

std::string_view without_line_end(std::string_view line) {
    line.remove_suffix(std::string_view("\r\n").size());
    return line;
}

}  // namespace

void Node::changed_outside(const OutsideChange& change, Turn& turn) {
    Counters::add(count(turn).writes);
    if (is_watched()) {
        std::string line;
        protocol::format(change.command, line);
        mirror_line(change.client, &change.command, without_line_end(line), turn);
    }
    if (link_count_.load(std::memory_order_relaxed) > 0) {
        std::string line;
        if (const auto plain = plain_command(change.command)) protocol::format(*plain, line);
        forward_change(nullptr, change.shard, line, {}, turn);
    }
    // Not now: subscriptions are not to be locked within a shard.
    if (change.signal) protocol::format(*change.signal, turn.signals);
}

void Node::clear_outside(std::string_view client, Turn& turn) {
    if (is_watched()) {
        const Command command{.verb = Verb::clear_cache};
        mirror_line(client, &command, "CLEARCACHE", turn);
    }
    clear_store(nullptr, turn);
    tell_complaints_outside(turn);
    auto& outside = complaints_outside_;
    const std::lock_guard lock(outside.mutex);
    if (!outside.complaints.add(Complaint::cache_cleared)) return;
    log_.info("cache_cleared", {{"client", client}});
    outside.client = client;
    outside.since = turn.now.mono;
}

void Node::tell_complaints_outside(const Turn& turn) {
    auto& outside = complaints_outside_;
    const std::lock_guard lock(outside.mutex);
    if (turn.now.mono < outside.since + complaint_interval) return;
    tell_repeated(outside.client, outside.complaints);
    outside.complaints = {};
}

void Node::publish_outside(Turn& turn) {
    if (turn.signals.empty()) return;
    const std::string lines = std::exchange(turn.signals, {});
    for (std::string_view rest = lines; !rest.empty();) {
        const auto line = rest.substr(0, rest.find('\n') + 1);
        rest.remove_prefix(line.size());
        const auto command = protocol::parse(without_line_end(line));
        if (!command) continue;  // its name is none that can be listened to
        publish(nullptr, *command, turn);
        forward_signal(nullptr, without_line_end(line), turn);
    }
}

}  // namespace clacks::node
