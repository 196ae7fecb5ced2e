// CLEARCACHE, here and elsewhere: a watermark, and what it leaves to be done.
#include <algorithm>
#include <string>

#include "cache/entries.hpp"

namespace clacks::cache {

// A tombstone must be newer than what it replaces, or a peer that has that keeps it. So the
// watermark goes beyond the newest entry, which is often a little ahead of `now`: written by a
// worker whose turn began later, or not the first in its microsecond. But it does not follow a
// clock that is far ahead, lest all that is written here from now on be ahead as well: what came
// from there becomes a tombstone one by one.
WallTime Entries::time_for_clear(WallTime now) const {
    return newest_ < now + std::chrono::seconds(1) ? std::max(now, just_after(newest_)) : now;
}

void Entries::clear(WallTime time) {
    cleared_ = std::max(cleared_, time);
    if (newest_ > cleared_) {
        slots_.for_each([&](const Slot& slot) {
            Record& record = *slot.record;
            if (record.deleted() || record.changed <= cleared_) return;
            EntryView gone = make_tombstone(record.key(), just_after(record.changed));
            gone.writer = writer_of(store_->node);
            write(gone, record.hash(), &slot);
        });
    }
    forget_all_parts();
    add_living(-static_cast<std::ptrdiff_t>(living()));
}

void Entries::merge_clear(WallTime time) {
    if (time <= cleared_) return;
    cleared_ = time;
    std::ptrdiff_t left = 0;
    if (newest_ > time) {
        slots_.for_each([&](const Slot& slot) {
            clear_parts(slot);
            if (is_present(*slot.record)) ++left;
        });
    }
    add_living(left - static_cast<std::ptrdiff_t>(living()));
}

// What was counted before the watermark is gone, though there have been increments since.
void Entries::clear_parts(const Slot& slot) {
    Record& record = *slot.record;
    if (!record.counted() || record.changed <= cleared_) return;
    EntryView entry = view(record);
    const Counter rest = parts_of(entry);
    if (rest == *entry.counter) return;
    const std::string total = rest.total();
    entry.value = total;
    entry.deleted = rest.base_deleted && rest.contributions.empty();
    entry.counter = &rest;
    if (rest.base_deleted) entry.flags = 0;
    entry.expires = rest.expires;
    entry.changed = rest.changed();
    if (rest.empty()) entry = make_tombstone(entry.key, cleared_);
    write(entry, record.hash(), &slot);
}

// Turns what stood here before the last clear() into the tombstone it counts as.
void Entries::bury_cleared(const Slot& slot) {
    Record& record = *slot.record;
    if (!is_cleared(record)) return;
    set_parts(record, nullptr);
    record.changed = cleared_;
    record.set_accessed(cleared_);
    record.set_extras({});
    record.origin = local_origin;
    record.writer = 0;
    set_deleted(record, true);
    record.set_value({});
    if (!record.suits(0)) resize(slot, 0, false);
}

}  // namespace clacks::cache
