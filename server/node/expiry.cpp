// Values with an end, and with flags: protocol.txt, "STOREFOR". Commands of clients name a span;
// what is stored, and travels, is an instant in tree time: it is the same on every node.
#include <charconv>
#include <optional>

#include "server/node/node.hpp"

namespace clacks::node {

using protocol::Command;
using protocol::Verb;

namespace {

/// Decimal seconds as a span; nothing if it is no number, or above 0 but less than a microsecond:
/// that is not to be taken for 0, which may stand for ever.
std::optional<std::chrono::microseconds> parse_span(std::string_view text) {
    const auto span = protocol::parse_time(text);
    if (!span) return std::nullopt;
    const bool is_zero = text.find_first_of("123456789") == text.npos;
    if (span->time_since_epoch().count() == 0 && !is_zero) return std::nullopt;
    return span->time_since_epoch();
}

/// What stands before the name: `seconds`, `seconds,flags:N` or `never,flags:N`.
struct StoreForMode {
    std::optional<std::chrono::microseconds> span{};  ///< none: never
    std::uint32_t flags = 0;
};

std::optional<StoreForMode> parse_mode(std::string_view text) {
    constexpr std::string_view separator = ",flags:";
    StoreForMode mode;
    const auto at = text.find(separator);
    if (at != text.npos) {
        const std::string_view number = text.substr(at + separator.size());
        const char* const end = number.data() + number.size();
        const auto [last, error] = std::from_chars(number.data(), end, mode.flags);
        if (error != std::errc() || last != end) return std::nullopt;
        text = text.substr(0, at);
        if (text == "never") return mode;
    }
    mode.span = parse_span(text);
    if (!mode.span || mode.span->count() == 0) return std::nullopt;
    return mode;
}

}  // namespace

void Node::store_for(Peer& from, const Command& command, std::string_view line, Turn& turn) {
    const auto mode = parse_mode(command.mode);
    if (!mode) return refuse(from, line, turn);
    const auto room = make_room(command, turn);
    if (!has_room(from, room, turn)) return;
    auto shard = cache_.lock(command.name);
    const auto now = tree_time(turn);
    const auto expires = mode->span ? now + *mode->span : cache::never;
    shard.store(command.name, command.value, now, origin_of(from), expires, mode->flags);
    Counters::add(count(turn).writes);
    // A plain node hears of the end when it comes: bury_expired(), clean(). Of flags it never does.
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

void Node::flags(Peer& from, std::string_view name, Turn& turn) {
    std::optional<std::uint32_t> found;
    if (const auto entry = cache_.lock(name).find_living(name, tree_time(turn))) {
        found = entry->flags;
    }
    if (!found) return reply(from, "NOTRETRIEVED", name, turn);
    reply(from, "FLAGS", std::string(name) + "=" + std::to_string(*found), turn);
}

}  // namespace clacks::node
