// Values with an end: protocol.txt, "STOREFOR". Commands of clients name a span; what is stored,
// and travels, is an instant in tree time: it is the same on every node.
#include <optional>

#include "server/node/node.hpp"

namespace clacks::node {

using protocol::Command;
using protocol::Verb;

namespace {

/// Decimal seconds as a span; nothing if it is no number.
std::optional<std::chrono::microseconds> parse_span(std::string_view text) {
    const auto span = protocol::parse_time(text);
    if (!span) return std::nullopt;
    return span->time_since_epoch();
}

}  // namespace

void Node::store_for(Peer& from, const Command& command, std::string_view line, Turn& turn) {
    const auto span = parse_span(command.mode);
    if (!span || span->count() == 0) return refuse(from, line, turn);
    const auto room = make_room(command, turn);
    if (!has_room(from, room, turn)) return;
    auto shard = cache_.lock(command.name);
    const auto now = tree_time(turn);
    shard.store(command.name, command.value, now, origin_of(from), now + *span);
    Counters::add(count(turn).writes);
    // A plain node hears of the end when it comes: bury_expired(), clean().
    std::string plain;
    protocol::format({.verb = Verb::store, .name = command.name, .value = command.value}, plain);
    forward_change(&from, shard.index(), plain, {}, turn);
}

void Node::expire(Peer& from, const Command& command, std::string_view line, Turn& turn) {
    const auto span = parse_span(command.value);
    if (!span) return refuse(from, line, turn);
    auto shard = cache_.lock(command.name);
    const auto now = tree_time(turn);
    const auto expires = span->count() == 0 ? cache::never : now + *span;
    if (!shard.expire(command.name, expires, now, origin_of(from))) return;
    Counters::add(count(turn).writes);
    forward_change(&from, shard.index(), {}, {}, turn);
}

void Node::time_to_live(Peer& from, std::string_view name, Turn& turn) {
    std::string answer(name);
    {
        const auto shard = cache_.lock(name);
        const auto entry = shard.find_living(name, tree_time(turn));
        if (!entry) {
            answer.clear();
        } else if (entry->expires == cache::never) {
            answer += "=never";
        } else {
            answer += '=';
            protocol::format_time(WallTime(entry->expires - tree_time(turn)), answer);
        }
    }
    if (answer.empty()) return reply(from, "NOTRETRIEVED", name, turn);
    reply(from, "TTL", answer, turn);
}

}  // namespace clacks::node
