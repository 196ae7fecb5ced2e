#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cassert>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cache/budget.hpp"
#include "cache/entries.hpp"
#include "cache/entry.hpp"
#include "cache/hash.hpp"

// The shared key store of a node. Pure: time is passed in, nothing is sent or saved from here.
namespace clacks::cache {

/// Versioned entries with tombstones, split into shards with a lock each; safe from any thread.
///
///     Cache ── 32 × [ lock | Entries ── tables of pointers ──> Record (header, key, value) … ]
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
    /// `node`: who writes here; its writes and increments are told from those of others by that.
    explicit Cache(HashKey hash_key = random_hash_key(), NodeId node = 0);
    Cache(const Cache&) = delete;
    Cache& operator=(const Cache&) = delete;

    /// The number of the shard that holds `key`.
    unsigned shard_of(std::string_view key) const { return shard_of(hash(key, hash_key_)); }

    /// How much memory the store may take, all overhead included, and whether room is made for what
    /// is new by forgetting what is least worth keeping; else it is refused. Without a call there
    /// is no limit. A store that has more already gives it back with the writes that follow, and
    /// with trim().
    void set_budget(std::size_t memory, bool evicts);
    const Budget& budget() const { return store_.budget; }

    /// Room for a write, to be had before it and kept until it is done; while no shard is locked by
    /// this thread. Whoever writes without keeps no budget. Of the entry only key, value, counter
    /// and whether it is a tombstone count: for that there always is room.
    ///
    /// Evicting is local forgetting: no tombstone is left, and nobody is told.
    Room make_room(const EntryView& entry, WallTime now);
    /// The same for a value of which only the size is known yet.
    Room make_room_for(std::string_view key, std::size_t value_bytes, WallTime now);
    /// The same for Shard::add().
    Room make_room_to_add(std::string_view key, WallTime now);

    /// Evicts a part of what is too much, after set_budget(). Returns whether that was all
    /// that can be given back.
    bool trim(WallTime now);

    /// The shard that holds `key`, locked until the result is destroyed. The bytes of `key` must
    /// stay as they are until then: the shard knows them by their address and does not hash twice.
    Shard lock(std::string_view key);
    /// The shard `index` (below shard_count), locked.
    Shard lock(unsigned index);

    /// Empties the store: every living entry becomes a tombstone of `now` (or later, if need be, to
    /// be newer than what it replaces), and nothing older that a link brings afterwards comes to
    /// life again. `under_lock(WallTime cleared)` runs once, while every shard is still
    /// locked, with what cleared() will be. Moves a mark and touches no entry, but for those of a
    /// clock far ahead of ours: clean() gives the memory back.
    template <class UnderLock>
    void clear(WallTime now, UnderLock&& under_lock);

    /// Another node's clear(), of which that node says that it was at `time`: what was written
    /// later stays. Not at the same time as clear() or shift().
    void merge_clear(WallTime time);

    /// Moves all times by `by`: the clock that the store goes by has been found to be wrong.
    /// `under_lock()` runs while every shard is locked. Touches every entry.
    template <class UnderLock>
    void shift(std::chrono::microseconds by, UnderLock&& under_lock);
    /// Moves the times of what is spoilt, and lets it count as changed. But for counters, which are
    /// merged by other things than times, unless the last clear() moves with them.
    void correct(std::chrono::microseconds by, const Spoilt& spoilt);

    /// How often shift(), or a correct() of the last clear(), has happened: entries have other
    /// times then, but no new numbers.
    std::uint64_t shifts() const { return shifts_.load(); }

    /// Puts back an entry of a snapshot as it was, with its number; what is not newer than the last
    /// clear() is left out. Returns false, and changes nothing, if the key is there already. Before
    /// anybody else uses the store; restored() must follow. From several threads.
    bool restore(const EntryView& entry);
    /// Instead of restore(), of an entry for which there is no room: Shard::take_forgotten() tells.
    void leave_out(std::string_view key);
    /// Before the first restore(): makes room for about so many, if the budget has it.
    void reserve(std::size_t entries);
    /// After the last restore(): new changes are numbered from `last` + 1; `last_forgotten`: what
    /// last_forgotten() was.
    void restored(Sequence last, Sequence last_forgotten);

    /// When the store was cleared last, here or elsewhere; the start of all times: never.
    WallTime cleared();

    /// The number of the last change. What a cursor reads afterwards, up to the ends of all shards,
    /// holds at least all changes up to it.
    Sequence last_sequence() const { return store_.last_sequence.load(); }

    /// Whoever has all changes up to this one knows of all tombstones that have been forgotten.
    Sequence last_forgotten();

    /// Living entries; tombstones are not counted, those that have expired are until clean() comes
    /// by. Approximate while others write.
    std::size_t size() const;

    /// Living keys, sorted bytewise. Locks one shard at a time.
    std::vector<std::string> keys(WallTime now);

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
    Room make_room(std::string_view key, std::size_t value_bytes, std::size_t bytes, WallTime now);
    Room make_room_for_tombstone(std::string_view key, WallTime now);
    std::size_t evict_until(std::size_t most_used, std::size_t enough, WallTime now);

    const HashKey hash_key_;
    Store store_;
    std::atomic<std::uint64_t> shifts_{0};
    std::array<Guarded, shard_count> shards_;
    std::atomic<unsigned> evict_next_{0};  ///< the shard that is next to give something back
};

/// A locked shard: what can be done with the keys that are in it. Short-lived; one at a time per
/// thread. Asking for a key of another shard is a programming error: std::logic_error.
class Cache::Shard {
public:
    unsigned index() const { return index_; }

    /// Stores `value`; the entry counts as changed and accessed at `now`, and expires at `expires`,
    /// whatever it did before. Keeps the memory of the value before it if that is of similar size.
    /// `from`: who told us to. Returns the new version: its `changed`.
    WallTime store(std::string_view key, std::string_view value, WallTime now,
                   Origin from = local_origin, WallTime expires = never, std::uint32_t flags = 0) {
        return entries().store(hashed(key), value, now, from, expires, flags);
    }

    /// Leaves a tombstone, also where there was nothing: a link may know the key. Returns its
    /// version.
    WallTime remove(std::string_view key, WallTime now, Origin from = local_origin) {
        return entries().remove(hashed(key), now, from);
    }

    /// Lets a living entry expire at `expires` instead of when it did, as a new version of it.
    /// Returns false, and changes nothing, if none is living.
    bool expire(std::string_view key, WallTime expires, WallTime now, Origin from = local_origin) {
        return entries().expire(hashed(key), expires, now, from);
    }

    /// Adds `step` to the number in the entry (missing, deleted, expired: 0); see cache::add. What
    /// lives keeps its expiry. Returns the new value, valid while the shard is locked and
    /// unchanged.
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

    /// The same with all that belongs to it, as it was before this access.
    std::optional<EntryView> read(std::string_view key, WallTime now) {
        return entries().read(hashed(key), now);
    }

    /// The entry as it is stored, tombstones and expired ones included; no access.
    std::optional<EntryView> find(std::string_view key) const {
        return entries().find(hashed(key));
    }

    /// The entry if it is living; no access.
    std::optional<EntryView> find_living(std::string_view key, WallTime now) const {
        const auto found = find(key);
        return found && is_living(*found, now) ? found : std::nullopt;
    }

    /// Takes what is newer in an entry of another of our nodes (see Merge). Versions are compared
    /// by `changed` and `writer`; the parts of counters each by themselves (see Counter). That an
    /// entry has expired, or that its tombstone has been made, says nothing about what is newer: so
    /// any order of arrival, whenever the cleaner comes by, ends in the same state.
    ///
    /// The origin is remembered when all of the entry was taken or is the same; of two access times
    /// for the same version the later one is kept, and of two expiries the earlier one: whoever
    /// has the later one heard of the entry from somebody who knows no expiry. What is not newer
    /// than the last clear() changes nothing: kept.
    Merge merge(const EntryView& entry) { return entries().merge(entry, hashed(entry.key).hash); }

    /// Whoever has just told us of something older than our entry (Merge::kept) may not have ours,
    /// though it once was told: it may have forgotten a tombstone, or moved its times a little
    /// otherwise. Lets the entry count as changed here, so that all are told again. Returns false
    /// if there is nothing to tell but the last clear().
    bool tell_again(std::string_view key) { return entries().tell_again(hashed(key)); }

    /// merge() for a peer that knows only times of change, of a clock that has been compensated:
    /// equal times keep ours (same).
    ///
    /// It knows no expiry. What it has may be its copy of our entry: written a moment later,
    /// because that is when it heard of it, and for ever. So a value that is equal to ours leaves
    /// ours its expiry (same), and what was written before ours expired does not bring back what
    /// has become a tombstone since (superseded: answered by as_of() what find() gives).
    ///
    /// A living entry that is not newer than the last clear() does not come to life again:
    /// superseded, unless something newer lives in its place. The tombstone that answers it can be
    /// had from find(). A tombstone that old has nothing to say: kept.
    Merge merge_plain(const EntryView& entry) {
        return entries().merge_plain(entry, hashed(entry.key).hash);
    }

    /// Makes the tombstone of an entry that has expired. Returns whether there was one: before
    /// something is added to it, whoever knows no expiry must hear that it is gone. What store()
    /// and remove() replace need not be buried first.
    bool bury(std::string_view key, WallTime now) { return entries().bury(hashed(key), now); }

    /// Calls `visit(const EntryView&)` for every entry as find() gives it, in no order.
    template <class Visit>
    void for_each(Visit&& visit) const {
        entries().for_each(std::forward<Visit>(visit));
    }

    /// The keys of what is no more, since the last call, of what somebody keeps a copy: a cursor's
    /// (Cursor::Keeping), or that from which it was restored. What is stored anew is among them.
    Forgotten take_forgotten() { return entries().take_forgotten(); }

    /// Whether somebody keeps a copy of what is there under that key, perhaps of an earlier state:
    /// false if nothing is, or only what was stored anew and no cursor has come by yet.
    bool is_copied(std::string_view key) const { return entries().is_copied(hashed(key)); }

    /// Of all entries, tombstones included.
    std::size_t entry_count() const { return entries().entry_count(); }
    /// The memory that all entries take, in bytes, but for tables: headers, keys, values, counters.
    std::size_t records_footprint() const { return entries().records_footprint(); }

    /// Makes tombstones of the entries that have expired, forgets tombstones of things that ended
    /// before `deleted_before` and living entries not accessed since `stale_before`; tells
    /// `gone(std::string_view key, Cleaned)` of each. Forgetting is local and leaves no tombstone.
    /// Stops after so much `work`, and goes on from there when it is called again; returns true
    /// when it has come by all there are. To look at an entry is 1, to end it another 1: a
    /// microsecond each in a large store, as every entry is a miss of the processor's caches.
    template <class Gone>
    bool clean(WallTime now, WallTime deleted_before, WallTime stale_before, Gone&& gone,
               std::size_t work = std::numeric_limits<std::size_t>::max()) {
        return entries().clean(now, deleted_before, stale_before, std::forward<Gone>(gone), work);
    }

private:
    friend class Cache;
    friend class Cursor;
    friend class KeyScan;

    bool takes_in_place(std::string_view key, std::size_t value_bytes, WallTime now) const {
        return entries().takes_in_place(hashed(key), value_bytes, now);
    }

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
    WallTime time = now;
    for (Guarded& shard : shards_) time = std::max(time, shard.entries.time_for_clear(now));
    for (Guarded& shard : shards_) shard.entries.clear(time);
    std::forward<UnderLock>(under_lock)(shards_.back().entries.cleared());
}

template <class UnderLock>
void Cache::shift(std::chrono::microseconds by, UnderLock&& under_lock) {
    const auto locks = lock_all();
    for (Guarded& shard : shards_) shard.entries.shift(by);
    ++shifts_;
    std::forward<UnderLock>(under_lock)();
}

}  // namespace clacks::cache
