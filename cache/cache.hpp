#pragma once

#include <array>
#include <cassert>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cache/entries.hpp"
#include "cache/entry.hpp"
#include "cache/hash.hpp"

// The shared key store of a node. Pure: time is passed in, nothing is sent or saved from here.
namespace clacks::cache {

/// Versioned entries with tombstones, split into shards with a lock each; safe from any thread.
///
///     Cache ── 32 × [ lock | Entries ── table of pointers ──> Record (header, key, value) … ]
///
/// A change and what follows from it (telling links and listeners) belong together: lock the
/// shard, change, append to the outputs, unlock. So the order of changes of a key is the order
/// in which every link hears of them. A local write is always newer than what it replaces, even
/// if that came from a clock ahead of ours.
class Cache {
public:
    /// No more than a thread can hold at once under ThreadSanitizer (64), with some to spare for
    /// what clear() is given to do.
    static constexpr unsigned shard_count = 32;

    class Shard;

    /// `hash_key` decides which shard a key is in; a given one makes runs repeatable.
    explicit Cache(HashKey hash_key = random_hash_key()) : hash_key_(hash_key) {}
    Cache(const Cache&) = delete;
    Cache& operator=(const Cache&) = delete;

    /// The number of the shard that holds `key`.
    unsigned shard_of(std::string_view key) const { return shard_of(hash(key, hash_key_)); }

    /// The shard that holds `key`, locked until the result is destroyed. The bytes of `key` must
    /// stay as they are until then: the shard knows them by their address and does not hash twice.
    Shard lock(std::string_view key);
    /// The shard `index` (below shard_count), locked.
    Shard lock(unsigned index);

    /// Empties the store: every living entry becomes a tombstone of `now` (or later, if need be, to
    /// be newer than what it replaces), and nothing older that a link brings afterwards comes to
    /// life again. `under_lock()` runs once, while every shard is still locked. Moves a mark and
    /// touches no entry, but for those of a clock far ahead of ours: clean() gives the memory back.
    template <class UnderLock>
    void clear(WallTime now, UnderLock&& under_lock);

    /// Living entries; tombstones are not counted. Approximate while others write.
    std::size_t size() const;

    /// Living keys, sorted bytewise. Locks one shard at a time.
    std::vector<std::string> keys();

private:
    struct alignas(64) Guarded {
        std::mutex mutex;
        Entries entries;
    };

    // The shard and the place in its table come from different ends of one hash.
    static constexpr unsigned shard_of(std::uint64_t hash) {
        static_assert((shard_count & (shard_count - 1)) == 0);
        return static_cast<unsigned>(hash >> 32) & (shard_count - 1);
    }

    std::array<std::unique_lock<std::mutex>, shard_count> lock_all();

    const HashKey hash_key_;
    std::array<Guarded, shard_count> shards_;
};

/// A locked shard: what can be done with the keys that are in it. Short-lived; one at a time per
/// thread. Asking for a key of another shard is a programming error: std::logic_error.
class Cache::Shard {
public:
    unsigned index() const { return index_; }

    /// Stores `value`; the entry counts as changed and accessed at `now`. Keeps the memory of the
    /// value before it if that is of similar size. `from`: who told us to.
    void store(std::string_view key, std::string_view value, WallTime now,
               Origin from = local_origin) {
        entries().store(hashed(key), value, now, from);
    }

    /// Leaves a tombstone, also where there was nothing: a link may know the key.
    void remove(std::string_view key, WallTime now, Origin from = local_origin) {
        entries().remove(hashed(key), now, from);
    }

    /// Adds `step` to the number in the entry (missing, deleted: 0); see cache::add. Returns the
    /// new value, valid while the shard is locked and unchanged.
    ///
    /// An increment that a link tells us of leaves the entry's origin as it is: the peer's sum may
    /// be another than ours, so ours may still have to be told. A local one makes it local_origin.
    std::string_view add(std::string_view key, std::string_view step, bool subtract, WallTime now,
                         Origin from = local_origin) {
        return entries().add(hashed(key), step, subtract, now, from);
    }

    /// The value of a living entry, valid while the shard is locked and unchanged. Counts as
    /// access at `now`.
    std::optional<std::string_view> retrieve(std::string_view key, WallTime now) {
        return entries().retrieve(hashed(key), now);
    }

    /// The entry as it is, tombstones included; no access.
    std::optional<EntryView> find(std::string_view key) const {
        return entries().find(hashed(key));
    }

    /// Takes an entry from a link if it is newer (see Merge). `entry` must already be on this
    /// node's clock. Its origin is remembered when it was taken or is the same; of two access times
    /// for the same version the later one is kept.
    ///
    /// A living entry that is not newer than the last clear() does not come to life again:
    /// superseded, unless something newer lives in its place. The tombstone that answers it can be
    /// had from find(). A tombstone that old has nothing to say: kept.
    Merge merge(const EntryView& entry) { return entries().merge(entry, hashed(entry.key).hash); }

    /// Calls `visit(const EntryView&)` for every entry, tombstones included, in no order.
    template <class Visit>
    void for_each(Visit&& visit) const {
        entries().for_each(std::forward<Visit>(visit));
    }

    /// Forgets tombstones changed before `deleted_before` and living entries not accessed since
    /// `stale_before`; tells `gone(std::string_view key, Cleaned)` of each. Forgetting is local
    /// and leaves no tombstone.
    template <class Gone>
    void clean(WallTime deleted_before, WallTime stale_before, Gone&& gone) {
        entries().clean(deleted_before, stale_before, std::forward<Gone>(gone));
    }

private:
    friend class Cache;

    Shard(Cache& cache, unsigned index, std::string_view key, std::uint64_t key_hash)
        : cache_(&cache),
          lock_(cache.shards_[index].mutex),
          index_(index),
          key_(key),
          key_hash_(key_hash) {}

    Entries& entries() { return cache_->shards_[index_].entries; }
    const Entries& entries() const { return cache_->shards_[index_].entries; }

    HashedKey hashed(std::string_view key) const {
        const bool known = key.data() && key.data() == key_.data() && key.size() == key_.size();
        if (!known) return hashed_anew(key);
        assert(hash(key, cache_->hash_key_) == key_hash_);
        return {key, static_cast<std::uint32_t>(key_hash_)};
    }
    HashedKey hashed_anew(std::string_view key) const;

    Cache* cache_;
    std::unique_lock<std::mutex> lock_;
    unsigned index_;
    std::string_view key_;  ///< what it was locked for, if a key
    std::uint64_t key_hash_;
};

template <class UnderLock>
void Cache::clear(WallTime now, UnderLock&& under_lock) {
    const auto locks = lock_all();
    for (Guarded& shard : shards_) shard.entries.clear(now);
    std::forward<UnderLock>(under_lock)();
}

}  // namespace clacks::cache
