// STOREIF, REMOVEIF, RETRIEVEVERSION: protocol.txt, "STOREIF". A condition is checked
// and the write done under one lock; to the other nodes it is a write like any.
#include <optional>

#include "server/node/node.hpp"

namespace clacks::node {

using cache::EntryView;
using protocol::Command;
using protocol::Verb;

namespace {

constexpr std::string_view version_prefix = "version:";
constexpr std::string_view span_separator = ",for:";

/// The version of an entry as the opaque word that clients get: when it was changed and by whom.
std::string version_word(const EntryView& entry) {
    return std::to_string(entry.changed.time_since_epoch().count()) + "." +
           std::to_string(entry.writer);
}

bool is_condition(std::string_view word) {
    return word == "absent" || word == "present" || word == "always" ||
           (word.starts_with(version_prefix) && word.size() > version_prefix.size());
}

bool holds(std::string_view condition, const std::optional<EntryView>& entry) {
    if (condition == "always") return true;
    if (condition == "absent") return !entry;
    if (condition == "present") return entry.has_value();
    return entry && condition.substr(version_prefix.size()) == version_word(*entry);
}

}  // namespace

void Node::store_if(Peer& from, const Command& command, std::string_view line, Turn& turn) {
    std::string_view condition = command.mode;
    std::optional<std::chrono::microseconds> lifetime;
    if (const auto at = condition.find(span_separator); at != std::string_view::npos) {
        const auto span = protocol::parse_time(condition.substr(at + span_separator.size()));
        if (!span || *span == WallTime{}) return refuse(from, line, turn);
        lifetime = span->time_since_epoch();
        condition = condition.substr(0, at);
    }
    if (!is_condition(condition)) return refuse(from, line, turn);

    const auto room = make_room(command, turn);
    if (!has_room(from, room, turn)) return;
    std::string version;
    {
        auto shard = cache_.lock(command.name);
        const auto now = tree_time(turn);
        if (holds(condition, shard.find_living(command.name, now))) {
            const auto expires = lifetime ? now + *lifetime : cache::never;
            shard.store(command.name, command.value, now, origin_of(from), expires);
            version = version_word(*shard.find(command.name));
            Command plain = command;
            plain.verb = Verb::store;
            std::string plain_line;
            protocol::format(plain, plain_line);
            forward_change(&from, shard.index(), plain_line, {}, turn);
        }
    }
    if (version.empty()) return reply(from, "NOTSTORED", command.name, turn);
    Counters::add(count(turn).writes);
    reply(from, "STORED", version + " " + std::string(command.name), turn);
}

void Node::remove_if(Peer& from, const Command& command, std::string_view line, Turn& turn) {
    if (!command.mode.starts_with(version_prefix) || !is_condition(command.mode)) {
        return refuse(from, line, turn);
    }
    bool removed = false;
    {
        auto shard = cache_.lock(command.name);
        removed = holds(command.mode, shard.find_living(command.name, tree_time(turn)));
        if (removed) {
            shard.remove(command.name, tree_time(turn), origin_of(from));
            Command plain = command;
            plain.verb = Verb::remove;
            std::string plain_line;
            protocol::format(plain, plain_line);
            forward_change(&from, shard.index(), plain_line, {}, turn);
        }
    }
    if (removed) Counters::add(count(turn).writes);
    reply(from, removed ? "REMOVED" : "NOTREMOVED", command.name, turn);
}

void Node::retrieve_version(Peer& from, std::string_view name, Turn& turn) {
    std::string answer;
    {
        auto shard = cache_.lock(name);
        const auto entry = shard.find_living(name, tree_time(turn));
        if (entry) {
            answer = version_word(*entry);
            answer.append(" ").append(name).append("=").append(entry->value);
            shard.retrieve(name, tree_time(turn));  // counts as access
        }
    }
    Counters::add(count(turn).reads);
    if (answer.empty()) return reply(from, "NOTRETRIEVED", name, turn);
    Counters::add(count(turn).hits);
    reply(from, "RETRIEVEDVERSION", answer, turn);
}

}  // namespace clacks::node
