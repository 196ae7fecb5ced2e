// An entry comes back from a snapshot.
#include <algorithm>

#include "cache/entries.hpp"

namespace clacks::cache {

bool Entries::restore(const EntryView& entry, std::uint32_t hash) {
    const auto before = slots_.find(HashedKey{entry.key, hash});
    const bool replaces = before != slots_.end();
    if (replaces && before->record->sequence > entry.sequence) return false;
    // What was cleared away needs no tombstone: the watermark says that it is gone.
    if (entry.changed <= cleared_) {
        if (replaces) forget(*before);
        note_forgotten(entry.key);
        return true;
    }
    Record& record = write(entry, hash, replaces ? &*before : nullptr);
    record.sequence = entry.sequence;
    record.set_copied();
    return true;
}

void Entries::unrestore(const HashedKey& key, bool is_in_snapshot) {
    const auto found = slots_.find(key);
    if (found != slots_.end()) forget(*found);
    if (is_in_snapshot) note_forgotten(key.key);
}

/// Nobody has to hear of it.
void Entries::forget(const Slot& slot) {
    slot.record->set_copied(false);
    if (is_present(*slot.record)) add_living(-1);
    erase(slot);
    slots_.erase(slots_.find(HashedKey{slot.record->key(), slot.record->hash()}));
}

void Entries::restored(Sequence last_forgotten) {
    changes_.sort();
    last_forgotten_ = std::max(last_forgotten_, last_forgotten);
}

}  // namespace clacks::cache
