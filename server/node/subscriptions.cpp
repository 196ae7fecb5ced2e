#include "server/node/subscriptions.hpp"

#include <algorithm>
#include <mutex>

namespace clacks::node {

void Subscriptions::add(std::string_view name, Peer& peer) {
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
    Shard& shard = shard_of(name);
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.listeners.find(name);
    if (found == shard.listeners.end()) return;
    std::erase(found->second, &peer);
    if (found->second.empty()) shard.listeners.erase(found);
}

}  // namespace clacks::node
