#include "cache/cursor.hpp"

namespace clacks::cache {

// From the end backwards: what is found on the way is what will be read.
Cursor::Cursor(Cache& cache, Sequence after) : cache_(cache) {
    for (unsigned index = 0; index < Cache::shard_count; ++index) {
        auto shard = cache_.lock(index);
        ChangeList& changes = shard.entries().changes();
        ChangeNode* place = changes.end();
        while (place->before != changes.end() &&
               (place->before->is_mark() || place->before->sequence > after)) {
            place = place->before;
        }
        ChangeList::insert(marks_[index], *place);
    }
}

Cursor::~Cursor() {
    for (unsigned index = 0; index < Cache::shard_count; ++index) {
        const auto shard = cache_.lock(index);
        ChangeList::remove(marks_[index]);
    }
}

}  // namespace clacks::cache
