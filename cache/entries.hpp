#pragma once

#include <atomic>
#include <boost/unordered/unordered_flat_set.hpp>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "cache/entry.hpp"
#include "cache/record.hpp"

namespace clacks::cache {

/// A key and its hash, so that it is computed once per operation.
struct HashedKey {
    std::string_view key;
    std::uint32_t hash;
};

/// The entries of one shard and the rules by which they change. Whoever holds the shard's lock may
/// call; living() alone needs none.
///
/// clear() moves a watermark, in no time however much there is: an entry that was written
/// before the watermark, but not as a tombstone, counts as a tombstone of the watermark's time. It
/// becomes one in memory (it is buried) when somebody comes across it.
class Entries {
public:
    /// What these do is said at Cache::Shard.
    void store(const HashedKey& key, std::string_view value, WallTime now, Origin from);
    void remove(const HashedKey& key, WallTime now, Origin from);
    std::string_view add(const HashedKey& key, std::string_view step, bool subtract, WallTime now,
                         Origin from);
    std::optional<std::string_view> retrieve(const HashedKey& key, WallTime now);
    std::optional<EntryView> find(const HashedKey& key) const;
    Merge merge(const EntryView& entry, std::uint32_t hash);
    template <class Visit>
    void for_each(Visit&& visit) const;
    template <class Gone>
    void clean(WallTime deleted_before, WallTime stale_before, Gone&& gone);

    /// Makes tombstones of all living entries.
    void clear(WallTime now);

    /// The number of living entries, from any thread.
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

    const Slot* locate(const HashedKey& key);
    const Record& write(const EntryView& entry, std::uint32_t hash, const Slot* slot);
    Merge supersede(const EntryView& entry, std::uint32_t hash, const Slot* slot);
    void bury(const Slot& slot);
    WallTime time_for_write(WallTime now, const Slot* slot) const;

    bool is_living(const Record& record) const {
        return !record.deleted() && record.changed > cleared_;
    }
    EntryView view(const Record& record) const;
    void add_living(std::ptrdiff_t count) {
        living_.store(living() + static_cast<std::size_t>(count), std::memory_order_relaxed);
    }

    boost::unordered_flat_set<Slot, Hash, Equal> slots_;
    WallTime cleared_ = WallTime::min();  ///< the watermark
    WallTime newest_ = WallTime::min();   ///< no entry was changed after this
    std::atomic<std::size_t> living_{0};  ///< written under the shard's lock only
};

template <class Visit>
void Entries::for_each(Visit&& visit) const {
    for (const Slot& slot : slots_) visit(view(*slot.record));
}

template <class Gone>
void Entries::clean(WallTime deleted_before, WallTime stale_before, Gone&& gone) {
    erase_if(slots_, [&](const Slot& slot) {
        bury(slot);
        const Record& record = *slot.record;
        const bool deleted = record.deleted();
        if (deleted ? record.changed >= deleted_before : record.accessed >= stale_before)
            return false;
        gone(record.key(), deleted ? Cleaned::deleted : Cleaned::stale);
        if (!deleted) add_living(-1);
        return true;
    });
}

}  // namespace clacks::cache
