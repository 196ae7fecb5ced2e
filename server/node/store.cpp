// The key store's commands: protocol.txt, "Store".
#include "server/node/node.hpp"

namespace clacks::node {

using protocol::Command;
using protocol::Permission;
using protocol::Verb;

namespace {

std::string set_line(const Command& set_and_store) {
    Command set = set_and_store;
    set.verb = Verb::set;
    std::string line;
    protocol::format(set, line);
    return line;
}

}  // namespace

void Node::store(Peer& from, const Command& command, std::string_view line, Turn& turn) {
    if (from.link && from.link->speaks_extensions()) return signal_of_ours(from, command, turn);
    const auto origin = origin_of(from);  // what a link tells us need not be told back to it
    const auto room = make_room(command, turn);
    if (!has_room(from, room, turn)) return;
    Counters::add(count(turn).writes);
    std::string signal;
    {
        // Locked until it is forwarded: every link hears of the changes of a key in their order.
        auto shard = cache_.lock(command.name);
        const auto now = tree_time(turn);
        switch (command.verb) {
            case Verb::remove:
                shard.remove(command.name, now, origin);
                break;
            case Verb::increment:
            case Verb::decrement:
                bury_expired(shard, command.name, turn);
                shard.add(command.name, command.value, command.verb == Verb::decrement, now,
                          origin);
                break;
            default:
                shard.store(command.name, command.value, now, origin);
        }
        if (link_count_.load(std::memory_order_relaxed) > 0) {
            auto& whole = turn.scratch;
            whole.assign(line);
            whole += "\r\n";
            if (command.verb == Verb::set_and_store) signal = set_line(command);
            forward_change(&from, shard.index(), whole, signal, turn);
        }
    }
    if (command.verb != Verb::set_and_store) return;
    if (!signal.empty()) {
        feed_changes(turn);  // who hears the signal finds the value
        forward_to_ours(from, signal, turn);
    }
    publish(&from, command, turn);
}

/// Between our nodes the store goes another way (19.17). Whoever tells it like this does not know
/// yet who we are, and is going to tell it again. Only a signal is none of that.
void Node::signal_of_ours(Peer& from, const Command& command, Turn& turn) {
    if (command.verb != Verb::set_and_store) return;
    std::string set = set_line(command);
    set.resize(set.size() - std::string_view("\r\n").size());
    forward_signal(&from, set, turn);
    publish(&from, command, turn);
}

/// For what the command writes, until the result is gone. Before a shard is locked.
cache::Room Node::make_room(const Command& command, Turn& turn) {
    const auto now = tree_time(turn);
    switch (command.verb) {
        case Verb::remove:
            return cache_.make_room(cache::make_tombstone(command.name, now), now);
        case Verb::increment:
        case Verb::decrement:
        case Verb::increment_and_retrieve:
        case Verb::decrement_and_retrieve:
            return cache_.make_room_to_add(command.name, now);
        default:
            return cache_.make_room({.key = command.name, .value = command.value}, now);
    }
}

/// If there is none, a client hears of it. Nobody reads what is said over a link.
bool Node::has_room(Peer& from, const cache::Room& room, Turn& turn) {
    if (room) return true;
    const bool is_full = room.refused() == cache::Room::Refused::full;
    const auto what = is_full ? Complaint::store_full : Complaint::entry_too_large;
    const std::string limit = std::to_string(settings_.cache.memory);
    Counters::add(count(turn).no_room);
    complain(from, what, "limit", limit);
    if (from.link) return false;
    std::string text(to_string(what));
    text.append(" limit=").append(limit).append(" (cache.memory)");
    reply(from, "OVERHEAD E", text, turn);
    return false;
}

void Node::add_and_retrieve(Peer& from, const Command& command, Turn& turn) {
    const bool subtract = command.verb == Verb::decrement_and_retrieve;
    Command add = command;
    add.verb = subtract ? Verb::decrement : Verb::increment;
    std::string line;
    protocol::format(add, line);
    const auto room = make_room(command, turn);
    if (!has_room(from, room, turn)) return;
    std::string value;
    {
        auto shard = cache_.lock(command.name);
        bury_expired(shard, command.name, turn);
        value = shard.add(command.name, command.value, subtract, tree_time(turn), origin_of(from));
        forward_change(&from, shard.index(), line, {}, turn);
    }
    Counters::add(count(turn).writes);
    reply(from, "RETRIEVED", std::string(command.name) + "=" + value, turn);
}

void Node::retrieve(Peer& from, std::string_view name, Turn& turn) {
    auto& bytes = turn.scratch;
    bool found = false;
    {
        auto shard = cache_.lock(name);
        const auto value = shard.retrieve(name, tree_time(turn));
        found = value.has_value();
        bytes.assign(found ? "RETRIEVED " : "NOTRETRIEVED ");
        bytes += name;
        if (found) {
            bytes += '=';
            bytes += *value;
        }
    }
    bytes += "\r\n";
    turn.outbox.send(from, bytes);
    auto& counters = count(turn);
    Counters::add(counters.reads);
    if (found) Counters::add(counters.hits);
}

/// All or nothing: too many names, one that may not be read, or is no name, and none is answered.
void Node::answer_each(Peer& from, const Command& command, std::string_view line, Answer answer,
                       Turn& turn) {
    constexpr std::size_t most_names = 1000;  // nobody else is served meanwhile
    if (!command.name.empty()) return (this->*answer)(from, command.name, turn);
    std::string_view names = command.value;
    std::vector<std::string_view> all;
    for (bool more = true; more;) {
        if (all.size() == most_names) {
            const std::string limit = std::to_string(most_names);
            return reply(from, "OVERHEAD E", "too_many_names limit=" + limit, turn);
        }
        const auto end = names.find(' ');
        all.push_back(names.substr(0, end));
        more = end != std::string_view::npos;
        if (more) names.remove_prefix(end + 1);
    }
    for (const auto name : all) {
        if (name.empty()) return refuse(from, line, turn);
        if (!from.access.allow(Permission::read, name)) return deny(from, turn);
        if (!fits_limits(from, name, turn)) return;
    }
    for (const auto name : all) (this->*answer)(from, name, turn);
}

void Node::exists(Peer& from, std::string_view name, Turn& turn) {
    const bool found = cache_.lock(name).find_living(name, tree_time(turn)).has_value();
    reply(from, "EXISTS", std::string(name) + (found ? "=1" : "=0"), turn);
}

void Node::clear_cache(Peer& from, Turn& turn) {
    if (from.link && from.link->speaks_extensions()) return;  // see signal_of_ours()
    clear_store(&from, turn);
    log_.info("cache_cleared", {{"client", from.id}, {"user", from.user}});
}

void Node::clear_store(const Peer* from, Turn& turn) {
    const std::lock_guard lock(whole_store_);
    cache_.clear(tree_time(turn), [&](WallTime cleared) {
        cleared_here_ = cleared;
        audience_.read(turn.worker, [](const Audience& audience) {
            for (Peer* link : audience.links) link->link->clear();
        });
        forward_clear(from, cleared, turn);
    });
}

void Node::key_list(Peer& from, const Command& command, std::string_view line, Turn& turn) {
    auto listing = KeyListing::make(command.value);
    if (!listing) return refuse(from, line, turn);
    if (!fits_limits(from, listing->after(), turn)) return;
    if (!fits_limits(from, listing->pattern(), turn)) return;
    from.listing = std::make_unique<KeyListing>(std::move(*listing));
    // A small store is listed at once; a large one in the turns that follow.
    constexpr std::size_t small_store = 2000;
    while (from.listing && cache_.size() <= small_store) work(from, turn);
}

/// A plain node does not know that the value has expired: it would count on from it.
void Node::bury_expired(cache::Cache::Shard& shard, std::string_view name, Turn& turn) {
    if (!shard.bury(name, tree_time(turn))) return;
    const std::string remove = "REMOVE " + std::string(name) + "\r\n";
    forward_change(nullptr, shard.index(), remove, {}, turn);
}

MonoTime Node::clean(Turn& turn) {
    give_up_waiting_for_time(turn);
    // All clients of the worker wait meanwhile: some tenths of a millisecond.
    constexpr std::size_t work_at_once = 256;
    constexpr std::chrono::milliseconds soon{1};
    const auto& times = settings_.cache;
    const bool fits = cache_.trim(tree_time(turn));
    // By a clock that is wrong things would end before their time, and for good.
    if (time_is_doubtful_) return turn.now.mono + (fits ? std::chrono::seconds(1) : soon);
    bool done = false;
    if (clean_began_ == MonoTime{}) clean_began_ = turn.now.mono;
    {
        auto shard = cache_.lock(clean_shard_);
        const auto now = tree_time(turn);
        const auto gone = [&](std::string_view key, cache::Cleaned why) {
            if (why == cache::Cleaned::expired) {
                // Our own nodes know when; a plain one has to be told.
                const std::string remove = "REMOVE " + std::string(key) + "\r\n";
                return forward_change(nullptr, shard.index(), remove, {}, turn);
            }
            std::string what(why == cache::Cleaned::stale ? "CLEANSTALE=" : "CLEANDELETED=");
            tell_monitors("SERVERCACHE", what.append(key), turn);
        };
        done = shard.clean(now, now - times.deleted, now - times.stale, gone, work_at_once);
    }
    if (!done) return turn.now.mono + soon;
    clean_shard_ = (clean_shard_ + 1) % cache::Cache::shard_count;
    const auto began = std::exchange(clean_began_, MonoTime{});
    if (!fits) return turn.now.mono + soon;
    const auto share = std::chrono::microseconds(times.cleanup) / cache::Cache::shard_count;
    return std::max(turn.now.mono + soon, began + share);
}

}  // namespace clacks::node
