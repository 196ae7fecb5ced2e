#pragma once

#include <array>
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
    /// From the changes after the one numbered `after` on; 0: everything there is.
    explicit Cursor(Cache& cache, Sequence after = 0);
    ~Cursor();
    Cursor(const Cursor&) = delete;
    Cursor& operator=(const Cursor&) = delete;

    /// Goes on in one shard: calls `bool visit(const EntryView&)` for entry after entry, until it
    /// returns false or there are no more; then `done(bool at_end)`. The shard is locked meanwhile,
    /// so with at_end nothing can have slipped in between.
    template <class Visit, class Done>
    void step(unsigned shard, Visit&& visit, Done&& done);

private:
    Cache& cache_;
    std::array<ChangeNode, Cache::shard_count> marks_;
};

template <class Visit, class Done>
void Cursor::step(unsigned shard, Visit&& visit, Done&& done) {
    auto locked = cache_.lock(shard);
    Entries& entries = locked.entries();
    ChangeNode& mark = marks_[shard];
    ChangeNode* const end = entries.changes().end();
    ChangeNode* next = mark.behind;
    for (bool more = true; more && next != end; next = next->behind) {
        if (!next->is_mark()) more = visit(std::as_const(entries).view(*next));
    }
    ChangeList::remove(mark);
    ChangeList::insert(mark, *next);
    done(next == end);
}

}  // namespace clacks::cache
