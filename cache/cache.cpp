#include "cache/cache.hpp"

#include <algorithm>
#include <stdexcept>

namespace clacks::cache {

Cache::Cache(HashKey hash_key, NodeId node) : hash_key_(hash_key), store_{.node = node} {
    for (Guarded& shard : shards_) shard.entries.attach(store_);
}

Cache::Shard Cache::lock(std::string_view key) {
    const std::uint64_t key_hash = hash(key, hash_key_);
    return Shard(*this, shard_of(key_hash), key, key_hash);
}

Cache::Shard Cache::lock(unsigned index) {
    if (index >= shard_count) throw std::logic_error("cache: no such shard");
    return Shard(*this, index, {}, 0);
}

// Always in the same order, and other threads hold one shard at a time: this cannot deadlock.
std::array<std::unique_lock<std::mutex>, Cache::shard_count> Cache::lock_all() {
    std::array<std::unique_lock<std::mutex>, shard_count> locks;
    for (unsigned i = 0; i < shard_count; ++i) locks[i] = std::unique_lock(shards_[i].mutex);
    return locks;
}

// Shard by shard: what is merged in between is newer, or as dead as it would be later.
void Cache::merge_clear(WallTime time) {
    for (Guarded& shard : shards_) {
        const std::lock_guard lock(shard.mutex);
        shard.entries.merge_clear(time);
    }
}

bool Cache::restore(const EntryView& entry) {
    const std::uint64_t key_hash = hash(entry.key, hash_key_);
    Guarded& shard = shards_[shard_of(key_hash)];
    const std::lock_guard lock(shard.mutex);  // room may be made in it for another one
    return shard.entries.restore(entry, static_cast<std::uint32_t>(key_hash));
}

void Cache::leave_out(std::string_view key) {
    Guarded& shard = shards_[shard_of(key)];
    const std::lock_guard lock(shard.mutex);
    shard.entries.leave_out(key);
}

// Keys spread over the shards, but not quite evenly.
void Cache::reserve(std::size_t entries) {
    const std::size_t most = store_.budget.limit() / Record::footprint(0, 0, false);
    const std::size_t share = std::min(entries, most) / shard_count;
    for (Guarded& shard : shards_) shard.entries.reserve(share + share / 16);
}

void Cache::restored(Sequence last, Sequence last_forgotten) {
    for (Guarded& shard : shards_) shard.entries.restored(last_forgotten);
    store_.last_sequence = last;
}

void Cache::correct(std::chrono::microseconds by, const Spoilt& spoilt) {
    const auto locks = lock_all();
    for (Guarded& shard : shards_) shard.entries.correct(by, spoilt);
    if (spoilt.cleared) ++shifts_;  // what it ended may be newer than it now is
}

WallTime Cache::cleared() {
    const std::lock_guard lock(shards_.back().mutex);
    return shards_.back().entries.cleared();
}

Sequence Cache::last_forgotten() {
    Sequence last = 0;
    for (unsigned index = 0; index < shard_count; ++index) {
        last = std::max(last, lock(index).entries().last_forgotten());
    }
    return last;
}

std::size_t Cache::size() const {
    std::size_t sum = 0;
    for (const Guarded& shard : shards_) sum += shard.entries.living();
    return sum;
}

std::vector<std::string> Cache::keys(WallTime now) {
    std::vector<std::string> result;
    result.reserve(size());
    for (unsigned i = 0; i < shard_count; ++i) {
        lock(i).for_each([&](const EntryView& entry) {
            if (is_living(entry, now)) result.emplace_back(entry.key);
        });
    }
    std::sort(result.begin(), result.end());
    return result;
}

HashedKey Cache::Shard::hashed_anew(std::string_view key) const {
    const std::uint64_t key_hash = hash(key, cache_->hash_key_);
    if (shard_of(key_hash) != index_) throw std::logic_error("cache: key of another shard");
    return {key, static_cast<std::uint32_t>(key_hash)};
}

}  // namespace clacks::cache
