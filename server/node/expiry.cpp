// Values with an end: protocol.txt, "STOREFOR". Commands of clients name a span, links an instant:
// it is the same on every node.
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

std::string line_of(Verb verb, std::string_view mode, std::string_view name,
                    std::string_view value = {}) {
    std::string line;
    protocol::format({.verb = verb, .name = name, .value = value, .mode = mode}, line);
    return line;
}

/// An instant as a word on a link; "0": never.
std::string instant_word(WallTime expires) {
    std::string word;
    protocol::format_time(expires == cache::never ? WallTime{} : expires, word);
    return word;
}

WallTime instant_of(WallTime told) { return told == WallTime{} ? cache::never : told; }

}  // namespace

void Node::store_for(Peer& from, const Command& command, std::string_view line, Turn& turn) {
    const auto span = parse_span(command.mode);
    if (!span || span->count() == 0) return refuse(from, line, turn);
    store_expiring(from, command, turn.now.wall + *span, turn);
}

void Node::store_until(Peer& from, const Command& command, std::string_view line, Turn& turn) {
    const auto told = protocol::parse_time(command.mode);
    if (!told || !from.link) return refuse(from, line, turn);
    store_expiring(from, command, instant_of(from.link->on_our_clock(*told)), turn);
}

void Node::store_expiring(Peer& from, const Command& command, WallTime expires, Turn& turn) {
    auto shard = cache_.lock(command.name);
    shard.store(command.name, command.value, turn.now.wall, origin_of(from), expires);
    Counters::add(count(turn).writes);
    if (link_count_.load(std::memory_order_relaxed) == 0) return;
    const auto ours =
        line_of(Verb::store_until, instant_word(expires), command.name, command.value);
    const auto plain = line_of(Verb::store, {}, command.name, command.value);
    forward_change(&from, shard.index(), {ours, plain, {}}, turn);
}

void Node::expire(Peer& from, const Command& command, std::string_view line, Turn& turn) {
    const auto span = parse_span(command.value);
    if (!span) return refuse(from, line, turn);
    const bool for_ever = span->count() == 0;
    set_expiry(from, command.name, for_ever ? cache::never : turn.now.wall + *span, turn);
}

void Node::expire_at(Peer& from, const Command& command, std::string_view line, Turn& turn) {
    const auto told = protocol::parse_time(command.mode);
    if (!told || !from.link) return refuse(from, line, turn);
    set_expiry(from, command.name, instant_of(from.link->on_our_clock(*told)), turn);
}

void Node::set_expiry(Peer& from, std::string_view name, WallTime expires, Turn& turn) {
    auto shard = cache_.lock(name);
    if (!shard.expire(name, expires, turn.now.wall, origin_of(from))) return;
    Counters::add(count(turn).writes);
    const auto ours = line_of(Verb::expire_at, instant_word(expires), name);
    forward_change(&from, shard.index(), {ours, {}, {}}, turn);
}

void Node::time_to_live(Peer& from, std::string_view name, Turn& turn) {
    std::string answer(name);
    {
        const auto shard = cache_.lock(name);
        const auto entry = shard.find_living(name, turn.now.wall);
        if (!entry) {
            answer.clear();
        } else if (entry->expires == cache::never) {
            answer += "=never";
        } else {
            answer += '=';
            protocol::format_time(WallTime(entry->expires - turn.now.wall), answer);
        }
    }
    if (answer.empty()) return reply(from, "NOTRETRIEVED", name, turn);
    reply(from, "TTL", answer, turn);
}

}  // namespace clacks::node
