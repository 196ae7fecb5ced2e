#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "cache/entry.hpp"

namespace clacks::cache {

/// What one node has added to a counter since `started`. Only that node changes it, so of two
/// states of it the one that started later is the newer, and of those the one changed later.
struct Contribution {
    NodeId node = 0;
    WallTime started{};  ///< its first increment; later than the base it stands on
    WallTime changed{};  ///< its last one
    std::string sum{};   ///< a number as cache::add() makes it

    bool operator==(const Contribution&) const = default;
};

/// An entry that is incremented: what it was before (the base), and on top of it what each node
/// has added. Nodes that count apart from each other add to contributions of their own, so when
/// they meet again nothing is lost.
///
/// A new base (STORE, REMOVE, CLEARCACHE) ends the contributions that started before it. Merging
/// takes the newer base and the newest contribution of each node, so it is commutative, associative
/// and idempotent: a state-based counter with reset, built from maxima (M. Shapiro et al., "A
/// comprehensive study of Convergent and Commutative Replicated Data Types", 2011, 3.1.3).
struct Counter {
    WallTime base_changed = WallTime::min();  ///< min(): there was nothing
    bool base_deleted = true;                 ///< the base is a tombstone, or nothing
    std::string base{};
    WallTime expires_set = WallTime::min();     ///< when the expiry was last changed
    WallTime expires = never;                   ///< the entry's
    std::vector<Contribution> contributions{};  ///< sorted by node, one each

    bool operator==(const Counter&) const = default;

    /// Counts `step` (see cache::add) as added by `node` at `time`, later than all before.
    void add(NodeId node, std::string_view step, bool subtract, WallTime time);
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
};

/// The memory that it and what belongs to it take.
std::size_t footprint(const Counter& counter);

}  // namespace clacks::cache
