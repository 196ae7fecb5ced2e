#pragma once

#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

namespace clacks::node {

class Peer;

/// Who listens to what. Read on every signal, by any worker at once; changed seldom.
///
/// Split by name, so that listening to one name does not hold up signals of others. A peer must
/// leave (`remove` each name) before it is destroyed; after that nobody can reach it from here.
class Subscriptions {
public:
    /// Adds a listener, or takes one away. The caller makes sure that a peer listens to a name
    /// at most once (Peer::listens).
    void add(std::string_view name, Peer& peer);
    void remove(std::string_view name, Peer& peer);

    /// Calls `deliver(Peer&)` for each listener of exactly this name, under the name's lock.
    template <class Deliver>
    void for_each(std::string_view name, Deliver&& deliver) const {
        const auto hash = Hash{}(name);
        const auto& shard = shards_[hash % shards_.size()];
        const std::shared_lock lock(shard.mutex);
        const auto found = shard.listeners.find(name);
        if (found == shard.listeners.end()) return;
        for (Peer* peer : found->second) deliver(*peer);
    }

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view name) const {
            return std::hash<std::string_view>{}(name);
        }
    };
    struct alignas(64) Shard {
        mutable std::shared_mutex mutex;
        boost::unordered_flat_map<std::string, std::vector<Peer*>, Hash, std::equal_to<>> listeners;
    };
    Shard& shard_of(std::string_view name) { return shards_[Hash{}(name) % shards_.size()]; }

    std::array<Shard, 64> shards_;
};

}  // namespace clacks::node
