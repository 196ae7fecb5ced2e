#pragma once

#include <cstddef>
#include <cstdint>

#include "cache/change_list.hpp"
#include "cache/entry.hpp"
#include "cache/ghosts.hpp"
#include "cache/record.hpp"

namespace clacks::cache {

/// Chooses which entries of a shard have to go when the memory is needed.
///
/// What is new is on probation. If it is used before its turn comes it joins the main part, if not
/// it goes: so a scan of any number of cold keys passes through probation and leaves the main part
/// alone, which gives way only when probation has less than its share. A key that comes back soon
/// after it had to go, while its ghost is remembered, joins the main part at once. Within the main
/// part it is CLOCK: an entry goes when the hand has come by once more than it was used (three
/// uses are counted). A hit sets a bit or two and moves nothing.
///
/// There is no list but that of the changes, in which new entries come last. Two hands are marks in
/// it: before the probation hand there is nothing on probation any more.
///
///     oldest change   m m m m | m m m m m m | p p p m p p   latest
///                        main hand       probation hand
///
/// This is S3-FIFO, with the list of changes in place of its queues. Source: Yang, Zhang, Qiu, Yue,
/// Rashmi, "FIFO queues are all you need for cache eviction", SOSP 2023.
///
/// Tombstones are no part of it. A third hand finds the oldest of them.
class Eviction {
public:
    /// What an entry has to be measured by: it is dead if it has expired, or was cleared away.
    struct Moment {
        WallTime now;
        WallTime cleared;
    };

    /// `changes` holds all entries. There is nothing in it yet.
    explicit Eviction(ChangeList& changes);

    /// A key has begun to live, or to live again. Before it is counted.
    void enter(Record& record) { record.enter(ghosts_.take(record.hash())); }
    /// To be told of every record, and again, before and after, when its size changes, or whether
    /// it is a tombstone.
    void count(const Record& record) { bytes_of(record) += record.footprint(); }
    void uncount(const Record& record) { bytes_of(record) -= record.footprint(); }
    /// Of all that are counted, tombstones included.
    std::size_t records_footprint() const {
        return probation_bytes_ + main_bytes_ + tombstone_bytes_;
    }

    /// A living entry that has to go, or one that is dead, after at most `steps` looks at others,
    /// which are taken off. nullptr: none found so far, or there is none. Unless its use does not
    /// count: then the first that the hands come to. It is still in all lists.
    Record* choose(const Moment& at, bool use_counts, unsigned& steps);
    /// The same of what is dead, and of tombstones if they are wanted.
    Record* choose_dead(const Moment& at, bool tombstones, unsigned& steps);

    /// Makes room for the ghosts of so many entries.
    void fit_ghosts(std::size_t count) { ghosts_.fit(count); }
    std::size_t ghost_footprint() const { return ghosts_.footprint(); }

private:
    std::size_t& bytes_of(const Record& record) {
        if (record.deleted()) return tombstone_bytes_;
        return record.in_main() ? main_bytes_ : probation_bytes_;
    }
    Record* choose_on_probation(const Moment& at, bool use_counts, unsigned& steps);
    Record* choose_in_main(const Moment& at, bool use_counts, unsigned& steps);
    bool pass_main(unsigned& steps);
    void promote(Record& record);

    ChangeList& changes_;
    ChangeNode probation_hand_;
    ChangeNode main_hand_;
    ChangeNode dead_hand_;
    Ghosts ghosts_;
    std::size_t probation_bytes_ = 0;
    std::size_t main_bytes_ = 0;
    std::size_t tombstone_bytes_ = 0;
};

}  // namespace clacks::cache
