// Times that a wrong clock has put into the store.
#include <algorithm>

#include "cache/entries.hpp"

namespace clacks::cache {

void Entries::correct(std::chrono::microseconds by, Sequence since, bool of_others) {
    std::vector<Record*> wrong;
    for (ChangeNode* node = changes_.last(); node != changes_.end(); node = node->before) {
        if (node->is_mark()) continue;
        if (node->sequence <= since) break;
        auto* const record = static_cast<Record*>(node);
        const bool ours = record->writer == writer_of(store_->node);
        const bool dead = record->changed <= cleared_;
        if ((ours || of_others) && !dead && !record->counted()) wrong.push_back(record);
    }
    for (Record* record : wrong) {
        cache::shift(record->changed, by);
        record->origin = local_origin;  // nobody has it like that
        newest_ = std::max(newest_, record->changed);
        WallTime expires = record->expires();
        cache::shift(expires, by);
        note_change(expires == never ? *record : set_expires(*record, expires));
    }
}

// What it ended stays dead, with tombstones of its new time.
void Entries::correct_clear(std::chrono::microseconds by) {
    const WallTime before = cleared_;
    for (const Slot& slot : slots_) bury_cleared(slot);
    cache::shift(cleared_, by);
    std::ptrdiff_t present = 0;
    for (const Slot& slot : slots_) {
        Record& record = *slot.record;
        if (record.deleted() && record.changed == before) record.changed = cleared_;
        if (is_present(record)) ++present;
    }
    add_living(present - static_cast<std::ptrdiff_t>(living()));
}

}  // namespace clacks::cache
