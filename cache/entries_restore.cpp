// An entry comes back from a snapshot.
#include <algorithm>

#include "cache/entries.hpp"

namespace clacks::cache {

bool Entries::restore(const EntryView& entry, std::uint32_t hash) {
    if (slots_.find(HashedKey{entry.key, hash})) return false;
    // What was cleared away needs no tombstone: the watermark says that it is gone.
    if (entry.changed <= cleared_) {
        note_forgotten(entry.key);
        return true;
    }
    Record& record = write(entry, hash, nullptr);
    record.sequence = entry.sequence;
    record.set_copied();
    return true;
}

void Entries::restored(Sequence last_forgotten) {
    changes_.sort();
    // Tombstones may have been evicted meanwhile.
    last_forgotten_ = std::max(last_forgotten_, last_forgotten);
}

}  // namespace clacks::cache
