#include "cache/entries.hpp"

#include <algorithm>
#include <string>

#include "cache/number.hpp"

namespace clacks::cache {
namespace {

// The next instant. (The last one of all, which no clock shows, has none.)
constexpr WallTime just_after(WallTime time) {
    return time == WallTime::max() ? time : time + std::chrono::microseconds(1);
}

EntryView tombstone(std::string_view key, WallTime time, Origin from = local_origin) {
    return {.key = key, .changed = time, .accessed = time, .deleted = true, .origin = from};
}

void make_tombstone(Record& record, WallTime time) {
    record.changed = record.accessed = time;
    record.origin = local_origin;
    record.set_deleted(true);
    record.set_value({});
}

}  // namespace

void Entries::store(const HashedKey& key, std::string_view value, WallTime now, Origin from) {
    const Slot* const slot = locate(key);
    const WallTime time = time_for_write(now, slot);
    write({.key = key.key, .value = value, .changed = time, .accessed = time, .origin = from},
          key.hash, slot);
}

void Entries::remove(const HashedKey& key, WallTime now, Origin from) {
    const Slot* const slot = locate(key);
    write(tombstone(key.key, time_for_write(now, slot), from), key.hash, slot);
}

std::string_view Entries::add(const HashedKey& key, std::string_view step, bool subtract,
                              WallTime now, Origin from) {
    const Slot* const slot = locate(key);
    const std::string sum = cache::add(slot ? slot->record->value() : "", step, subtract);
    const WallTime time = time_for_write(now, slot);
    if (from != local_origin) from = slot ? slot->record->origin : local_origin;
    return write({.key = key.key, .value = sum, .changed = time, .accessed = time, .origin = from},
                 key.hash, slot)
        .value();
}

std::optional<std::string_view> Entries::retrieve(const HashedKey& key, WallTime now) {
    const auto found = slots_.find(key);
    if (found == slots_.end() || !is_living(*found->record)) return std::nullopt;
    Record& record = *found->record;
    record.accessed = std::max(record.accessed, now);
    return record.value();
}

std::optional<EntryView> Entries::find(const HashedKey& key) const {
    const auto found = slots_.find(key);
    if (found == slots_.end()) return std::nullopt;
    return view(*found->record);
}

Merge Entries::merge(const EntryView& entry, std::uint32_t hash) {
    const Slot* const slot = locate({entry.key, hash});
    const bool before_clear = entry.changed <= cleared_;
    if (before_clear && !entry.deleted) return supersede(entry, hash, slot);
    if (slot) {
        Record& ours = *slot->record;
        if (entry.changed < ours.changed) return Merge::kept;
        if (entry.changed == ours.changed) {
            ours.origin = entry.origin;
            if (!ours.deleted()) ours.accessed = std::max(ours.accessed, entry.accessed);
            return Merge::same;
        }
    }
    // The watermark says all that this tombstone could say.
    if (before_clear) return Merge::kept;
    EntryView theirs = entry;
    if (entry.deleted) theirs.value = {};  // the wire has "REMOVED" there
    write(theirs, hash, slot);
    return Merge::taken;
}

// A living entry from before the last clear(). Unless something newer lives here, whoever still has
// it must hear that it is gone, also if this is not the first one to bring it.
Merge Entries::supersede(const EntryView& entry, std::uint32_t hash, const Slot* slot) {
    if (slot && is_living(*slot->record)) return Merge::kept;
    const WallTime time = std::max(cleared_, just_after(entry.changed));
    if (!slot || slot->record->changed < time) write(tombstone(entry.key, time), hash, slot);
    return Merge::superseded;
}

// A tombstone must be newer than what it replaces, or a peer that has that keeps it. So the
// watermark goes beyond the newest entry, which is often a little ahead of `now`: written by a
// worker whose turn began later, or not the first in its microsecond. But it does not follow a
// clock that is far ahead, lest all that is written here from now on be ahead as well: what came
// from there becomes a tombstone one by one.
void Entries::clear(WallTime now) {
    add_living(-static_cast<std::ptrdiff_t>(living()));
    if (newest_ < now + std::chrono::seconds(1)) {
        cleared_ = std::max({cleared_, now, just_after(newest_)});
        return;
    }
    for (const Slot& slot : slots_) {
        Record& record = *slot.record;
        if (!is_living(record) || record.changed < now) continue;
        make_tombstone(record, just_after(record.changed));
        newest_ = std::max(newest_, record.changed);
    }
    cleared_ = std::max(cleared_, now);
}

// The slot of a key, or nullptr. What is in it is what it seems: no entry that was cleared away.
const Entries::Slot* Entries::locate(const HashedKey& key) {
    const auto found = slots_.find(key);
    if (found == slots_.end()) return nullptr;
    bury(*found);
    return &*found;
}

// Every state an entry takes on, it takes on here or in bury() or clear(). `value` and `key` may be
// part of the record that is replaced.
const Record& Entries::write(const EntryView& entry, std::uint32_t hash, const Slot* slot) {
    const bool was_living = slot && is_living(*slot->record);
    if (!slot) {
        Record::Pointer record = Record::make(entry.key, hash, entry.value.size());
        record->set_value(entry.value);
        slot = &*slots_.insert(Slot{std::move(record)}).first;
    } else if (!slot->record->suits(entry.value.size())) {
        // A value that has outgrown its record once will again: an eighth in advance.
        const std::size_t size = entry.value.size();
        const bool grows = size > slot->record->value().size();
        Record::Pointer record = slot->record->emptied(grows ? size + size / 8 : size);
        record->set_value(entry.value);
        slot->record = std::move(record);
    } else {
        slot->record->set_value(entry.value);
    }
    Record& record = *slot->record;
    record.changed = entry.changed;
    record.accessed = std::max(entry.changed, entry.accessed);
    record.origin = entry.origin;
    record.set_deleted(entry.deleted);
    newest_ = std::max(newest_, entry.changed);
    if (const bool lives = !entry.deleted; lives != was_living) add_living(lives ? 1 : -1);
    return record;
}

// Turns what stood here before the last clear() into the tombstone it counts as.
void Entries::bury(const Slot& slot) {
    Record& record = *slot.record;
    if (record.deleted() || record.changed > cleared_) return;
    make_tombstone(record, cleared_);
    if (!record.suits(0)) slot.record = record.emptied(0);
}

WallTime Entries::time_for_write(WallTime now, const Slot* slot) const {
    const WallTime before = slot ? std::max(slot->record->changed, cleared_) : cleared_;
    return std::max(now, just_after(before));
}

EntryView Entries::view(const Record& record) const {
    if (!record.deleted() && record.changed <= cleared_) {
        return tombstone(record.key(), cleared_);
    }
    return {.key = record.key(),
            .value = record.value(),
            .changed = record.changed,
            .accessed = record.accessed,
            .deleted = record.deleted(),
            .origin = record.origin};
}

}  // namespace clacks::cache
