#pragma once

#include <algorithm>
#include <atomic>
#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cache/budget.hpp"
#include "cache/change_list.hpp"
#include "cache/counter.hpp"
#include "cache/entry.hpp"
#include "cache/eviction.hpp"
#include "cache/record.hpp"

namespace clacks::cache {

/// A key and its hash, so that it is computed once per operation.
struct HashedKey {
    std::string_view key;
    std::uint32_t hash;
};

/// What the shards of a store have in common.
struct Store {
    NodeId node = 0;  ///< who writes here
    std::atomic<Sequence> last_sequence{0};
    Budget budget{};
};

/// How far eviction goes.
enum class Evict : std::uint8_t {
    dead,   ///< what has expired or was cleared away; tombstones beyond their limit
    worst,  ///< and living entries, if there are not too many tombstones
    any,    ///< whether they are in use or not, and tombstones if nothing else is left
};

/// The entries of one shard and the rules by which they change. Whoever holds the shard's lock may
/// call; living() alone needs none.
///
/// clear() moves a watermark, in no time however much there is: an entry that was written
/// before the watermark, but not as a tombstone, counts as a tombstone of the watermark's time. It
/// becomes one in memory (it is buried) when somebody comes across it.
///
/// An entry that has expired is buried by clean(), or replaced by whoever writes first. Its
/// tombstone keeps `changed` and `expires`, so it still is the same version of the same entry.
///
/// Every new version of an entry takes the store's next sequence number and moves the entry to the
/// end of the list of changes. Being buried and being forgotten are no changes: whoever knows the
/// versions knows that, too.
class Entries {
public:
    /// To be called first. `store` must outlive the entries.
    void attach(Store& store) { store_ = &store; }

    /// What these do is said at Cache::Shard.
    WallTime store(const HashedKey& key, std::string_view value, WallTime now, Origin from,
                   WallTime expires, std::uint32_t flags);
    WallTime remove(const HashedKey& key, WallTime now, Origin from);
    bool expire(const HashedKey& key, WallTime expires, WallTime now, Origin from);
    std::string_view add(const HashedKey& key, std::string_view step, bool subtract, WallTime now,
                         Origin from);
    std::optional<std::string_view> retrieve(const HashedKey& key, WallTime now);
    std::optional<EntryView> find(const HashedKey& key) const;
    Merge merge(const EntryView& entry, std::uint32_t hash);
    Merge merge_plain(const EntryView& entry, std::uint32_t hash);
    bool bury(const HashedKey& key, WallTime now);
    template <class Matches>
    std::vector<std::string> keys_after(std::string_view after, std::size_t limit,
                                        Matches&& matches, WallTime now) const;
    template <class Visit>
    void for_each(Visit&& visit) const;
    template <class Gone>
    bool clean(WallTime now, WallTime deleted_before, WallTime stale_before, Gone&& gone,
               std::size_t limit);

    /// Forgets some entries, as many as do not keep others waiting, tombstones beyond their limit
    /// first. Returns the memory that is free now.
    std::size_t evict(WallTime now, Evict what);
    /// Whether a living entry can take on such a value in the memory it has.
    bool takes_in_place(const HashedKey& key, std::size_t value_bytes, WallTime now) const;

    /// What the watermark must be at least, to be newer than all there is: but for what comes from
    /// a clock far ahead.
    WallTime time_for_clear(WallTime now) const;
    /// Makes tombstones of all living entries, `time` (from time_for_clear()) being the watermark.
    void clear(WallTime time);
    /// A clear() at another node.
    void merge_clear(WallTime time);
    WallTime cleared() const { return cleared_; }

    /// Moves all times. No change: whoever is to know it does so, too.
    void shift(std::chrono::microseconds by);

    ChangeList& changes() { return changes_; }
    EntryView view(const ChangeNode& node) const { return view(static_cast<const Record&>(node)); }

    /// The number of living entries and of expired ones not yet buried, from any thread.
    std::size_t living() const { return living_.load(std::memory_order_relaxed); }

private:
    // The record may be replaced by one of another size; key and hash, by which the set knows it,
    // are the same in both.
    struct Slot {
        mutable Record::Pointer record;
    };

    struct Hash {
        using is_transparent = void;
        std::size_t operator()(const HashedKey& key) const { return key.hash; }
        std::size_t operator()(const Slot& slot) const { return slot.record->hash(); }
    };

    struct Equal {
        using is_transparent = void;
        bool operator()(const Slot& a, const Slot& b) const {
            return a.record->key() == b.record->key();
        }
        bool operator()(const HashedKey& a, const Slot& b) const {
            return a.key == b.record->key();
        }
        bool operator()(const Slot& a, const HashedKey& b) const {
            return a.record->key() == b.key;
        }
    };

    /// The parts of a counter, and the memory they were last found to take.
    struct Parts {
        std::unique_ptr<Counter> counter;
        std::size_t bytes = 0;
    };

    /// How many entries may yet be looked at.
    struct Steps {
        unsigned living = 64;
        unsigned dead = 256;
    };

    const Slot* locate(const HashedKey& key);
    const Record& write(const EntryView& entry, std::uint32_t hash, const Slot* slot);
    Merge merge_plain(const EntryView& entry, std::uint32_t hash, const Slot* slot);
    Merge merge_counter(const EntryView& entry, std::uint32_t hash, const Slot* slot);
    Merge merge_same(const EntryView& entry, Record& ours);
    Merge supersede(const EntryView& entry, std::uint32_t hash, const Slot* slot);
    void set_parts(Record& record, const Counter* counter);
    Counter parts_of(const EntryView& entry) const;
    Counter* find_parts(const Record& record);
    void clear_parts(const Slot& slot);
    void forget_all_parts();
    void resize(const Slot& slot, std::size_t capacity, bool extended);
    void set_expires(Record& record, WallTime expires);
    void erase(const Slot& slot);
    Record* choose_victim(WallTime now, Evict what, Steps& steps);
    void set_deleted(Record& record, bool deleted);
    void count(const Record& record);
    void uncount(const Record& record);
    void count_tables();
    void bury_cleared(const Slot& slot);
    bool bury_expired(const Slot& slot, WallTime now);
    WallTime time_for_write(WallTime now, const Slot* slot) const;

    // Living, but for expiry: what living() counts.
    bool is_present(const Record& record) const {
        return !record.deleted() && record.changed > cleared_;
    }
    bool is_living(const Record& record, WallTime now) const {
        return is_present(record) && now < record.expires();
    }
    // The watermark has made a tombstone of it, which is still to be buried.
    bool is_cleared(const Record& record) const {
        return record.changed <= cleared_ && (!record.deleted() || record.expires() != never);
    }
    EntryView view(const Record& record) const;

    template <class Set, class Visit>
    static void scan(Set& slots, Visit&& visit);
    static void prefetch(const Slot& slot);
    void add_living(std::ptrdiff_t count) {
        living_.store(living() + static_cast<std::size_t>(count), std::memory_order_relaxed);
    }

    Store* store_ = nullptr;
    boost::unordered_flat_set<Slot, Hash, Equal> slots_;
    ChangeList changes_;
    Eviction eviction_{changes_};
    boost::unordered_flat_map<std::string, Parts> parts_;  ///< of the counted
    std::size_t parts_bytes_ = 0;                          ///< of all of them
    std::size_t tables_bytes_ = 0;                         ///< as they were last counted
    WallTime cleared_ = WallTime::min();                   ///< the watermark
    WallTime newest_ = WallTime::min();                    ///< no entry was changed after this
    std::atomic<std::size_t> living_{0};                   ///< written under the shard's lock only
};

// The records lie scattered, and nearly each one is a miss of the processor's caches: so they are
// asked for some steps ahead. `visit(iterator)` may erase what it is given.
template <class Set, class Visit>
void Entries::scan(Set& slots, Visit&& visit) {
    constexpr int steps_ahead = 16;
    auto ahead = slots.begin();
    const auto end = slots.end();
    for (int i = 0; i < steps_ahead && ahead != end; ++i) prefetch(*ahead++);
    for (auto next = slots.begin(); next != end;) {
        if (ahead != end) prefetch(*ahead++);
        visit(next++);
    }
}

// The header and where the key begins.
inline void Entries::prefetch(const Slot& slot) {
    const auto* const bytes = reinterpret_cast<const char*>(slot.record.get());
    __builtin_prefetch(bytes);
    __builtin_prefetch(bytes + 64);
}

// Gathers up to twice as many as are wanted, then throws the larger half away: so the keys are
// compared a few times each, however many there are.
template <class Matches>
std::vector<std::string> Entries::keys_after(std::string_view after, std::size_t limit,
                                             Matches&& matches, WallTime now) const {
    if (limit == 0) return {};
    std::vector<std::string_view> keys;
    std::optional<std::string_view> largest;  // that can be among the result, once it is known
    scan(slots_, [&](auto slot) {
        const Record& record = *slot->record;
        const std::string_view key = record.key();
        if (!after.empty() && key <= after) return;
        if (largest && key > *largest) return;
        if (!is_living(record, now) || !matches(key)) return;
        keys.push_back(key);
        if (keys.size() / 2 < limit) return;
        const auto last = keys.begin() + static_cast<std::ptrdiff_t>(limit - 1);
        std::nth_element(keys.begin(), last, keys.end());
        largest = *last;
        keys.resize(limit);
    });
    std::sort(keys.begin(), keys.end());
    if (keys.size() > limit) keys.resize(limit);
    return {keys.begin(), keys.end()};
}

template <class Visit>
void Entries::for_each(Visit&& visit) const {
    scan(slots_, [&](auto slot) { visit(view(*slot->record)); });
}

template <class Gone>
bool Entries::clean(WallTime now, WallTime deleted_before, WallTime stale_before, Gone&& gone,
                    std::size_t limit) {
    scan(slots_, [&](auto slot) {
        if (limit == 0) return;
        bury_cleared(*slot);
        // A new tombstone is forgotten next time, even if what it stands for ended long ago.
        const bool expired = bury_expired(*slot, now);
        const Record& record = *slot->record;
        const bool deleted = record.deleted();
        const bool old = deleted ? as_of(view(record), now).changed < deleted_before
                                 : record.accessed() < stale_before;
        if (!expired && !old) return;
        --limit;
        gone(record.key(), expired   ? Cleaned::expired
                           : deleted ? Cleaned::deleted
                                     : Cleaned::stale);
        if (expired) return;
        if (!deleted) add_living(-1);
        erase(*slot);
        slots_.erase(slot);
    });
    return limit != 0;
}

}  // namespace clacks::cache
