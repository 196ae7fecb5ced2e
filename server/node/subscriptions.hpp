#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/unordered/unordered_flat_map.hpp>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "server/node/pattern_table.hpp"
#include "server/node/per_worker.hpp"
#include "server/node/writer_first_mutex.hpp"

namespace clacks::node {

class Peer;

/// Who listens to what. Read on every signal, by any worker at once; changed seldom.
///
/// Names are split by their hash, so that listening to one does not hold up signals of others;
/// patterns are copied for each worker. A peer must have left everything it listens to before it
/// is destroyed; after that nobody can reach it from here.
class Subscriptions {
public:
    explicit Subscriptions(std::size_t worker_count) : patterns_(worker_count) {}

    /// Adds a listener to a name or a pattern (protocol::is_listen_pattern), or takes one away. The
    /// caller makes sure that a peer listens to the same at most once (Peer::listens).
    void add(std::string_view name, Peer& peer);
    void remove(std::string_view name, Peer& peer);

    /// Calls `deliver(Peer&)` once for each peer that listens to `name`, by whatever pattern, under
    /// the name's lock. `scratch` is overwritten.
    template <class Deliver>
    void for_each(std::string_view name, std::size_t worker, std::vector<Peer*>& scratch,
                  Deliver&& deliver) const {
        scratch.clear();
        if (pattern_count_.load(std::memory_order_relaxed) == 0) {
            return deliver_all(name, scratch, deliver);
        }
        // Inside, so that nobody found by a pattern goes before it has got its message.
        patterns_.read(worker, [&](const PatternTable& table) {
            table.match(name, scratch);
            deliver_all(name, scratch, deliver);
        });
    }

    /// Listens of all peers, patterns included.
    std::size_t size() const { return size_.load(std::memory_order_relaxed); }

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view name) const {
            return std::hash<std::string_view>{}(name);
        }
    };
    struct alignas(64) Shard {
        mutable WriterFirstMutex mutex;  // signals of one name may come without a pause
        boost::unordered_flat_map<std::string, std::vector<Peer*>, Hash, std::equal_to<>> listeners;
    };
    /// To those who listen to the name itself, and to `others`.
    template <class Deliver>
    void deliver_all(std::string_view name, std::vector<Peer*>& others, Deliver& deliver) const {
        const auto& shard = shards_[Hash{}(name) % shards_.size()];
        const std::shared_lock lock(shard.mutex);
        const auto found = shard.listeners.find(name);
        if (others.empty()) {
            if (found == shard.listeners.end()) return;
            for (Peer* peer : found->second) deliver(*peer);
            return;
        }
        if (found != shard.listeners.end()) {
            others.insert(others.end(), found->second.begin(), found->second.end());
        }
        std::sort(others.begin(), others.end());
        others.erase(std::unique(others.begin(), others.end()), others.end());
        for (Peer* peer : others) deliver(*peer);
    }
    Shard& shard_of(std::string_view name) { return shards_[Hash{}(name) % shards_.size()]; }

    std::array<Shard, 64> shards_;
    PerWorker<PatternTable> patterns_;
    std::atomic<std::size_t> pattern_count_{0};
    std::atomic<std::size_t> size_{0};
};

}  // namespace clacks::node
