// Times that a wrong clock has put into the store.
#include <algorithm>

#include "cache/entries.hpp"

namespace clacks::cache {

// Whether something is dead the watermark says as it was: it may move to beyond what came after it.
void Entries::correct(std::chrono::microseconds by, const Spoilt& spoilt) {
    std::vector<Record*> wrong;
    for (ChangeNode* node = changes_.last(); node != changes_.end(); node = node->before) {
        if (node->is_mark()) continue;
        if (node->sequence <= spoilt.since) break;
        auto* const record = static_cast<Record*>(node);
        if (record->changed > cleared_ && is_spoilt(*record, spoilt)) wrong.push_back(record);
    }
    if (spoilt.cleared) correct_clear(by);
    for (Record* record : wrong) {
        cache::shift(record->changed, by);
        if (Counter* const parts = find_parts(*record)) parts->shift(by);
        record->origin = local_origin;  // nobody has it like that
        newest_ = std::max(newest_, record->changed);
        WallTime expires = record->expires();
        cache::shift(expires, by);
        note_change(expires == never ? *record : set_expires(*record, expires));
    }
    if (spoilt.cleared) count_living();
}

// A counter that has begun after the clear would be ended by it, if that alone moved.
bool Entries::is_spoilt(const Record& record, const Spoilt& spoilt) const {
    if (record.counted()) return spoilt.cleared;
    return spoilt.of_others || record.writer == writer_of(store_->node);
}

// What it ended stays dead, with tombstones of its new time.
void Entries::correct_clear(std::chrono::microseconds by) {
    const WallTime before = cleared_;
    slots_.for_each([&](const Slot& slot) { bury_cleared(slot); });
    cache::shift(cleared_, by);
    slots_.for_each([&](const Slot& slot) {
        Record& record = *slot.record;
        if (record.deleted() && record.changed == before) record.changed = cleared_;
    });
}

void Entries::count_living() {
    std::ptrdiff_t present = 0;
    slots_.for_each([&](const Slot& slot) {
        if (is_present(*slot.record)) ++present;
    });
    add_living(present - static_cast<std::ptrdiff_t>(living()));
}

}  // namespace clacks::cache
