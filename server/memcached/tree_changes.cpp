#include "server/memcached/tree_changes.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include "server/net/worker.hpp"

namespace clacks::server {

using net::Worker;
using protocol::Command;
using protocol::Verb;

namespace {

/// The client id of all of them: an entry does not say on which connection it came.
constexpr std::string_view client = "memcached";

/// Decimal seconds, for STOREFOR and EXPIRE.
std::string span_until(memcached::WallTime expires, memcached::WallTime now) {
    std::string text;
    protocol::format_time(WallTime(expires - now), text);
    return text;
}

}  // namespace

bool TreeChanges::is_signal(std::string_view name) const {
    return std::any_of(notify_.begin(), notify_.end(),
                       [&](const auto& pattern) { return pattern.matches(name); });
}

/// `value`: what the name stands for now.
void TreeChanges::report(unsigned shard, const Command& command, std::string_view value) {
    Worker& worker = Worker::current();
    worker.received(command.name.size() + command.value.size());
    std::optional<Command> signal;
    if (command.verb != Verb::expire && is_signal(command.name)) {
        const bool is_gone = command.verb == Verb::remove;
        signal = Command{
            .verb = is_gone ? Verb::notify : Verb::set, .name = command.name, .value = value};
    }
    node_.changed_outside({.client = client, .shard = shard, .command = command, .signal = signal},
                          worker.turn());
}

void TreeChanges::stored(unsigned shard, const cache::EntryView& entry) {
    Command command{.verb = Verb::store, .name = entry.key, .value = entry.value};
    std::string span;
    if (entry.expires != cache::never) {
        span = span_until(entry.expires, entry.changed);
        command.verb = Verb::store_for;
        command.mode = span;
    }
    report(shard, command, entry.value);
}

void TreeChanges::added(unsigned shard, std::string_view name, std::uint64_t step, bool subtract,
                        std::string_view value) {
    const std::string text = std::to_string(step);
    report(shard,
           {.verb = subtract ? Verb::decrement : Verb::increment, .name = name, .value = text},
           value);
}

void TreeChanges::removed(unsigned shard, std::string_view name) {
    report(shard, {.verb = Verb::remove, .name = name});
}

void TreeChanges::touched(unsigned shard, std::string_view name, memcached::WallTime expires) {
    const auto now = node_.tree_time(Worker::current().turn().now);
    if (expires <= now) return removed(shard, name);
    const std::string span = expires == cache::never ? "0" : span_until(expires, now);
    report(shard, {.verb = Verb::expire, .name = name, .value = span});
}

void TreeChanges::clear(memcached::WallTime) {
    node_.clear_outside(client, Worker::current().turn());
}

}  // namespace clacks::server
