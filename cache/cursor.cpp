#include "cache/cursor.hpp"

namespace clacks::cache {

// From the end backwards: what is found on the way is what will be read. But not so far that others
// would wait for the shard: then from the start, and step() passes over what is older.
Cursor::Cursor(Cache& cache, Sequence after, Keeping keeping)
    : cache_(cache), keeps_copies_(keeping == Keeping::copies) {
    after_.fill(after);
    constexpr int most_steps = 1000;
    for (unsigned index = 0; index < Cache::shard_count; ++index) {
        auto shard = cache_.lock(index);
        ChangeList& changes = shard.entries().changes();
        ChangeNode* place = after == 0 ? changes.first() : changes.end();
        for (int steps = 0; after != 0 && place->before != changes.end(); ++steps) {
            if (!place->before->is_mark() && place->before->sequence <= after) break;
            place = steps < most_steps ? place->before : changes.first();
        }
        ChangeList::insert(marks_[index], *place);
    }
}

void Cursor::restart(unsigned shard) {
    auto locked = cache_.lock(shard);
    after_[shard] = 0;
    ChangeList::remove(marks_[shard]);
    ChangeList::insert(marks_[shard], *locked.entries().changes().first());
}

Cursor::~Cursor() {
    for (unsigned index = 0; index < Cache::shard_count; ++index) {
        const auto shard = cache_.lock(index);
        ChangeList::remove(marks_[index]);
    }
}

}  // namespace clacks::cache
