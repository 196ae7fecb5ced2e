#include "server/node/subscriptions.hpp"

#include <algorithm>
#include <mutex>

#include "protocol/name_pattern.hpp"

namespace clacks::node {

void Subscriptions::add(std::string_view name, Peer& peer) {
    ++size_;
    if (protocol::is_listen_pattern(name)) {
        ++pattern_count_;
        return patterns_.change([&](PatternTable& table) { table.add(name, peer); });
    }
    Shard& shard = shard_of(name);
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.listeners.find(name);
    if (found != shard.listeners.end()) {
        found->second.push_back(&peer);
    } else {
        shard.listeners.emplace(std::string(name), std::vector<Peer*>{&peer});
    }
}

void Subscriptions::remove(std::string_view name, Peer& peer) {
    if (protocol::is_listen_pattern(name)) {
        patterns_.change([&](PatternTable& table) { table.remove(name, peer); });
        --pattern_count_;
        --size_;
        return;
    }
    Shard& shard = shard_of(name);
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.listeners.find(name);
    if (found == shard.listeners.end()) return;
    size_ -= std::erase(found->second, &peer);
    if (found->second.empty()) shard.listeners.erase(found);
}

}  // namespace clacks::node
