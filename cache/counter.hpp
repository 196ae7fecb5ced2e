#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cache/entry.hpp"

namespace clacks::cache {

/// What one node has added to a counter, as long as it had the entry without a break. Only that
/// node changes it, so of two states of it the one with more increments is the newer. (Not the one
/// that was changed later: nodes that move their times do not do so to the microsecond alike.)
struct Contribution {
    std::uint64_t id = 0;     ///< of no other: the writer, and which change of its store began it
    WallTime started{};       ///< the first increment; later than the base it stands on
    WallTime changed{};       ///< the last one
    std::uint64_t count = 0;  ///< how many there have been
    std::string sum{};        ///< a number as cache::add() makes it

    bool operator==(const Contribution&) const = default;
};

/// An entry that is incremented: what it was before (the base), and on top of it what each node
/// has added. Nodes that count apart from each other add to contributions of their own, so when
/// they meet again nothing is lost.
///
/// A new base (STORE, REMOVE, CLEARCACHE) ends the contributions that started before it. Merging
/// takes the newer base and the newest state of each contribution, so it is commutative,
/// associative and idempotent: a state-based counter with reset, built from maxima (M. Shapiro et
/// al., "A comprehensive study of Convergent and Commutative Replicated Data Types", 2011, 3.1.3).
///
/// A node that has forgotten the entry, or everything, begins another contribution: the others
/// still have the former one, perhaps in a later state than it will get it back in.
struct Counter {
    /// Bases that are longer are kept as the numbers they count as.
    static constexpr std::size_t longest_base = 32;
    /// Nobody adds another to so many: see begin_anew().
    static constexpr std::size_t most_contributions = 10'000;

    WallTime base_changed = WallTime::min();  ///< min(): there was nothing
    bool base_deleted = true;                 ///< the base is a tombstone, or nothing
    std::string base{};                       ///< up to longest_base; while nothing has been added
                                              ///< the entry's value says all of it
    WallTime expires_set = WallTime::min();   ///< when the expiry was last changed
    WallTime expires = never;                 ///< the entry's
    std::vector<Contribution> contributions{};  ///< sorted by id, one each
    std::uint64_t own = 0;  ///< the one that goes on here, if it is still there; not of the state

    /// The same state.
    bool operator==(const Counter& other) const;

    /// Sets the base's text.
    void set_base(std::string_view value);
    /// Counts `step` (see cache::add) as added here at `time`, later than all before. `fresh`: the
    /// id of a contribution that is begun now.
    void add(std::uint64_t fresh, std::string_view step, bool subtract, WallTime time);
    /// An add() would begin one too many.
    bool is_full() const { return contributions.size() >= most_contributions && !own_place(); }
    /// Makes the total a new base, as a STORE at `time` would: what others add at that moment is
    /// lost, as there is no telling what of it is in the total. Thousands of nodes, or lives of
    /// them, have to count under one key before that happens.
    void begin_anew(WallTime time);
    /// Takes what is newer in `other`, but for the base.
    void merge(const Counter& other);
    /// Forgets what started at `time` or before.
    void drop_started_by(WallTime time);
    /// Forgets all that is not newer than `time`, the base too.
    void clear(WallTime time);
    /// There is no base, not even a tombstone, and nothing on top of it.
    bool empty() const { return base_changed == WallTime::min() && contributions.empty(); }

    /// Moves all times.
    void shift(std::chrono::microseconds by);

    /// The base and all contributions, added in the order of the nodes.
    std::string total() const;
    /// The time of the last change of any part.
    WallTime changed() const;

private:
    const Contribution* own_place() const;
};

/// The memory that it and what belongs to it take.
std::size_t footprint(const Counter& counter);

}  // namespace clacks::cache
