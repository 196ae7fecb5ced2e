#pragma once

#include <algorithm>
#include <atomic>
#include <boost/unordered/unordered_flat_map.hpp>
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
#include "cache/forgotten.hpp"
#include "cache/record.hpp"
#include "cache/split_set.hpp"

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

/// What the clock of this machine has spoilt, having been wrong for some time.
struct Spoilt {
    Sequence since = 0;      ///< what has changed after that
    bool of_others = false;  ///< also what plain nodes said, whose times were taken for ours
    bool cleared = false;    ///< also when the store was cleared
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
    std::optional<EntryView> read(const HashedKey& key, WallTime now);
    std::optional<EntryView> find(const HashedKey& key) const;
    Merge merge(const EntryView& entry, std::uint32_t hash);
    Merge merge_plain(const EntryView& entry, std::uint32_t hash);
    bool is_copied(const HashedKey& key) const;
    bool tell_again(const HashedKey& key);
    bool bury(const HashedKey& key, WallTime now);
    template <class Visit>
    void for_each(Visit&& visit) const;
    template <class Gone>
    bool clean(WallTime now, WallTime deleted_before, WallTime stale_before, Gone&& gone,
               std::size_t work);

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

    /// What these do is said at Cache.
    bool restore(const EntryView& entry, std::uint32_t hash);
    void leave_out(std::string_view key) { note_forgotten(key); }
    void reserve(std::size_t entries) {
        slots_.reserve(entries);
        count_tables();
    }
    /// After the last restore().
    void restored(Sequence last_forgotten);

    /// What Cache::correct() does.
    void correct(std::chrono::microseconds by, const Spoilt& spoilt);
    /// Moves all times. No change: whoever is to know it does so, too.
    void shift(std::chrono::microseconds by);

    /// No tombstone of a change with a larger number has been forgotten.
    Sequence last_forgotten() const { return last_forgotten_; }
    /// What is no more, of what somebody has copied.
    Forgotten take_forgotten();

    ChangeList& changes() { return changes_; }
    /// Somebody keeps a copy of what is at `node`, which is no mark.
    static void set_copied(ChangeNode& node) { static_cast<Record&>(node).set_copied(); }
    EntryView view(const ChangeNode& node) const { return view(record(node)); }
    /// It will be looked at next.
    static void prefetch(const ChangeNode& node) { prefetch(static_cast<const void*>(&node)); }
    /// The same in part, of what is no mark.
    static std::string_view key(const ChangeNode& node) { return record(node).key(); }
    bool is_living(const ChangeNode& node, WallTime now) const {
        return is_living(record(node), now);
    }

    std::size_t entry_count() const { return slots_.size(); }
    /// The memory that they take, but for tables.
    std::size_t records_footprint() const { return eviction_.records_footprint() + parts_bytes_; }

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

    struct Prefetch {
        void operator()(const Slot& slot) const { prefetch(slot.record.get()); }
    };

    static const Record& record(const ChangeNode& node) { return static_cast<const Record&>(node); }
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
    static void note_access(Record& record, WallTime now);
    Record& write(const EntryView& entry, std::uint32_t hash, const Slot* slot);
    void note_change(Record& record);
    Merge merge_plain(const EntryView& entry, std::uint32_t hash, const Slot* slot);
    Merge merge_counter(const EntryView& entry, std::uint32_t hash, const Slot* slot);
    Merge merge_same(const EntryView& entry, Record& ours);
    Merge supersede(const EntryView& entry, std::uint32_t hash, const Slot* slot);
    void set_parts(Record& record, const Counter* counter);
    Counter parts_of(const EntryView& entry) const;
    Counter* find_parts(const Record& record);
    std::uint64_t next_contribution() const;
    void clear_parts(const Slot& slot);
    void forget_all_parts();
    void resize(const Slot& slot, std::size_t capacity, bool extended);
    Record& set_expires(Record& record, WallTime expires);
    void erase(const Slot& slot);
    void note_forgotten(std::string_view key);
    Record* choose_victim(WallTime now, Evict what, Steps& steps);
    void set_deleted(Record& record, bool deleted);
    void count(const Record& record);
    void uncount(const Record& record);
    void count_tables();
    void shrink_tables();
    bool is_spoilt(const Record& record, const Spoilt& spoilt) const;
    void correct_clear(std::chrono::microseconds by);
    void count_living();
    void bury_cleared(const Slot& slot);
    bool bury_expired(const Slot& slot, WallTime now);
    std::optional<Cleaned> clean_slot(const Slot& slot, WallTime now, WallTime deleted_before,
                                      WallTime stale_before);
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
    // Whether clean() has to look closer: what it forgets and what it buries.
    bool may_be_over(const Record& record, WallTime now, WallTime stale_before) const {
        return record.deleted() || !is_living(record, now) || record.accessed() < stale_before;
    }
    EntryView view(const Record& record) const;
    void fill(EntryView& entry, const Record& record) const;

    static void prefetch(const void* record);
    void add_living(std::ptrdiff_t count) {
        living_.store(living() + static_cast<std::size_t>(count), std::memory_order_relaxed);
    }

    Store* store_ = nullptr;
    SplitSet<Slot, Hash, Equal, Prefetch> slots_;
    ChangeList changes_;
    ChangeNode cleaned_;  ///< the mark up to which clean() has come; in no list before it begins
    Sequence clean_until_ = 0;  ///< the last change when it began
    Eviction eviction_{changes_};
    boost::unordered_flat_map<std::string, Parts> parts_;  ///< of the counted
    std::size_t parts_bytes_ = 0;                          ///< of all of them
    std::size_t tables_bytes_ = 0;                         ///< as they were last counted
    WallTime cleared_ = WallTime::min();                   ///< the watermark
    WallTime newest_ = WallTime::min();                    ///< no entry was changed after this
    Sequence last_forgotten_ = 0;
    Forgotten forgotten_;
    std::atomic<std::size_t> living_{0};  ///< written under the shard's lock only
};

// The header and where the key begins.
inline void Entries::prefetch(const void* record) {
    const auto* const bytes = static_cast<const char*>(record);
    __builtin_prefetch(bytes);
    __builtin_prefetch(bytes + 64);
}

template <class Visit>
void Entries::for_each(Visit&& visit) const {
    slots_.for_each([&](const Slot& slot) { visit(view(*slot.record)); });
}

// Along the list of changes, since the table cannot be entered again where it was left.
template <class Gone>
bool Entries::clean(WallTime now, WallTime deleted_before, WallTime stale_before, Gone&& gone,
                    std::size_t work) {
    ChangeNode* next = cleaned_.behind ? cleaned_.behind : changes_.first();
    if (cleaned_.behind) {
        ChangeList::remove(cleaned_);
    } else {
        clean_until_ = store_->last_sequence;
    }
    // What changes after it began comes next time: where much changes it would not end otherwise.
    const auto is_at_end = [&] {
        return next == changes_.end() || (!next->is_mark() && next->sequence > clean_until_);
    };
    while (!is_at_end() && work > 0) {
        const ChangeNode& node = *std::exchange(next, next->behind);
        --work;
        if (node.is_mark() || !may_be_over(record(node), now, stale_before)) continue;
        const auto slot = slots_.find(HashedKey{record(node).key(), record(node).hash()});
        const auto what = clean_slot(*slot, now, deleted_before, stale_before);
        if (!what) continue;
        if (work > 0) --work;
        gone(slot->record->key(), *what);
        if (*what == Cleaned::expired) continue;
        if (*what == Cleaned::stale) add_living(-1);
        erase(*slot);
        slots_.erase(slot);
    }
    const bool at_end = is_at_end();
    if (!at_end) ChangeList::insert(cleaned_, *next);
    return at_end;
}

}  // namespace clacks::cache
