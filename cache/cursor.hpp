#pragma once

#include <array>
#include <cstddef>
#include <limits>
#include <utility>

#include "cache/cache.hpp"

namespace clacks::cache {

/// A reader of a store's changes: it comes by every entry that changes, some time after each change
/// or series of changes, in its newest state. An entry that changed ten times in the meantime is
/// seen once; what is forgotten (Cleaned) is not seen.
///
///     shard:  a b c | d e     the mark of a cursor that has seen a, b and c; b changes:
///             a c | d e b
///
/// Costs a mark in the list of each shard and no memory however far behind it is. Used by one
/// thread at a time, beside any that use the store. Must not outlive the store.
class Cursor {
public:
    enum class Keeping : bool {
        nothing,
        copies,  ///< when the store forgets what it has come by, Shard::take_forgotten() tells
    };

    /// From the changes after the one numbered `after` on; 0: everything there is.
    explicit Cursor(Cache& cache, Sequence after = 0, Keeping keeping = Keeping::nothing);
    ~Cursor();
    Cursor(const Cursor&) = delete;
    Cursor& operator=(const Cursor&) = delete;

    /// Begins anew in one shard: with everything there is.
    void restart(unsigned shard);

    /// Goes on in one shard: calls `bool visit(const EntryView&)` for entry after entry, until it
    /// returns false, there are no more, or `limit` have been looked at; then `done(bool at_end)`.
    /// The shard is locked meanwhile, so with at_end nothing can have slipped in between. Returns
    /// how many were looked at.
    template <class Visit, class Done>
    std::size_t step(unsigned shard, Visit&& visit, Done&& done,
                     std::size_t limit = std::numeric_limits<std::size_t>::max());

private:
    Cache& cache_;
    const bool keeps_copies_;
    std::array<Sequence, Cache::shard_count> after_;
    std::array<ChangeNode, Cache::shard_count> marks_;
};

template <class Visit, class Done>
std::size_t Cursor::step(unsigned shard, Visit&& visit, Done&& done, std::size_t limit) {
    auto locked = cache_.lock(shard);
    Entries& entries = locked.entries();
    ChangeNode& mark = marks_[shard];
    ChangeNode* const end = entries.changes().end();
    ChangeNode* next = mark.behind;
    std::size_t looked = 0;
    for (bool more = true; more && next != end && looked < limit; next = next->behind) {
        if (next->is_mark()) continue;
        Entries::prefetch(*next->behind);
        ++looked;
        if (next->sequence <= after_[shard]) continue;
        if (keeps_copies_) Entries::set_copied(*next);
        more = visit(std::as_const(entries).view(*next));
    }
    ChangeList::remove(mark);
    ChangeList::insert(mark, *next);
    done(next == end);
    return looked;
}

}  // namespace clacks::cache
