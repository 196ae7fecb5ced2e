// The key store's commands: protocol.txt, "Store".
#include "server/node/node.hpp"

namespace clacks::node {

using protocol::Command;
using protocol::Verb;

void Node::store(Peer& from, const Command& command, std::string_view line, Turn& turn) {
    const auto now = turn.now.wall;
    // What a link tells us need not be told back to it.
    const auto origin = from.link ? from.link->origin() : cache::local_origin;
    {
        // Locked until it is forwarded: every link hears of the changes of a key in their order.
        auto shard = cache_.lock(command.name);
        switch (command.verb) {
            case Verb::remove:
                shard.remove(command.name, now, origin);
                break;
            case Verb::increment:
            case Verb::decrement:
                shard.add(command.name, command.value, command.verb == Verb::decrement, now,
                          origin);
                break;
            default:
                shard.store(command.name, command.value, now, origin);
        }
        forward_change(from, command, line, shard.index(), turn);
    }
    if (command.verb == Verb::set_and_store) publish(from, command, turn);
}

void Node::retrieve(Peer& from, const Command& command, Turn& turn) {
    auto& bytes = turn.scratch;
    {
        auto shard = cache_.lock(command.name);
        const auto value = shard.retrieve(command.name, turn.now.wall);
        bytes.assign(value ? "RETRIEVED " : "NOTRETRIEVED ");
        bytes += command.name;
        if (value) {
            bytes += '=';
            bytes += *value;
        }
    }
    bytes += "\r\n";
    turn.outbox.send(from, bytes);
}

void Node::clear_cache(Peer& from, std::string_view line, Turn& turn) {
    cache_.clear(turn.now.wall, [&] {
        audience_.read(turn.worker, [](const Audience& audience) {
            for (Peer* link : audience.links) link->link->clear();
        });
        forward_signal(from, line, turn);
    });
    log_.info("cache_cleared", {{"client", from.id}, {"user", from.user}});
}

void Node::key_list(Peer& from, Turn& turn) {
    std::string bytes = "KEYLISTSTART\r\n";
    for (const auto& key : cache_.keys()) {
        bytes += "KEY ";
        bytes += key;
        bytes += "\r\n";
    }
    bytes += "KEYLISTEND\r\n";
    turn.outbox.send(from, bytes);
}

MonoTime Node::clean(Turn& turn) {
    const auto& times = settings_.cache;
    {
        auto shard = cache_.lock(clean_shard_);
        shard.clean(
            turn.now.wall - times.deleted, turn.now.wall - times.stale,
            [&](std::string_view key, cache::Cleaned why) {
                std::string what(why == cache::Cleaned::stale ? "CLEANSTALE=" : "CLEANDELETED=");
                tell_monitors("SERVERCACHE", what.append(key), turn);
            });
    }
    clean_shard_ = (clean_shard_ + 1) % cache::Cache::shard_count;
    return turn.now.mono + std::chrono::microseconds(times.cleanup) / cache::Cache::shard_count;
}

}  // namespace clacks::node
