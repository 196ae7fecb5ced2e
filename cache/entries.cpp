#include "cache/entries.hpp"

#include <algorithm>
#include <string>

#include "cache/number.hpp"

namespace clacks::cache {
namespace {

EntryView tombstone(std::string_view key, WallTime time, Origin from = local_origin) {
    return {.key = key, .changed = time, .accessed = time, .deleted = true, .origin = from};
}

void make_tombstone(Record& record, WallTime time) {
    record.changed = record.accessed = time;
    record.expires = never;
    record.origin = local_origin;
    record.set_deleted(true);
    record.set_value({});
}

}  // namespace

WallTime Entries::store(const HashedKey& key, std::string_view value, WallTime now, Origin from,
                        WallTime expires) {
    const Slot* const slot = locate(key);
    const WallTime time = time_for_write(now, slot);
    write({.key = key.key,
           .value = value,
           .changed = time,
           .accessed = time,
           .origin = from,
           .expires = expires},
          key.hash, slot);
    return time;
}

WallTime Entries::remove(const HashedKey& key, WallTime now, Origin from) {
    const Slot* const slot = locate(key);
    const WallTime time = time_for_write(now, slot);
    write(tombstone(key.key, time, from), key.hash, slot);
    return time;
}

bool Entries::expire(const HashedKey& key, WallTime expires, WallTime now, Origin from) {
    const Slot* const slot = locate(key);
    if (!slot || !is_living(*slot->record, now)) return false;
    EntryView entry = view(*slot->record);
    entry.changed = time_for_write(now, slot);
    entry.origin = from;
    entry.expires = expires;
    write(entry, key.hash, slot);
    return true;
}

std::string_view Entries::add(const HashedKey& key, std::string_view step, bool subtract,
                              WallTime now, Origin from) {
    const Slot* const slot = locate(key);
    const bool lives = slot && is_living(*slot->record, now);
    const std::string sum = cache::add(lives ? slot->record->value() : "", step, subtract);
    const WallTime time = time_for_write(now, slot);
    if (from != local_origin) from = slot ? slot->record->origin : local_origin;
    return write({.key = key.key,
                  .value = sum,
                  .changed = time,
                  .accessed = time,
                  .origin = from,
                  .expires = lives ? slot->record->expires : never},
                 key.hash, slot)
        .value();
}

std::optional<std::string_view> Entries::retrieve(const HashedKey& key, WallTime now) {
    const auto found = slots_.find(key);
    if (found == slots_.end() || !is_living(*found->record, now)) return std::nullopt;
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
    return merge(entry, hash, locate({entry.key, hash}));
}

Merge Entries::merge_plain(const EntryView& entry, std::uint32_t hash) {
    const Slot* const slot = locate({entry.key, hash});
    if (slot && !entry.deleted && entry.changed > cleared_) {
        Record& ours = *slot->record;
        const bool may_be_copy = ours.expires != never && entry.changed > ours.changed &&
                                 entry.changed <= as_of(view(ours), never).changed;
        if (may_be_copy && ours.deleted()) return Merge::superseded;
        if (may_be_copy && entry.value == ours.value()) return merge_same(entry, ours);
    }
    return merge(entry, hash, slot);
}

Merge Entries::merge(const EntryView& entry, std::uint32_t hash, const Slot* slot) {
    const bool before_clear = entry.changed <= cleared_;
    if (before_clear && !entry.deleted) return supersede(entry, hash, slot);
    if (slot) {
        Record& ours = *slot->record;
        if (entry.changed < ours.changed) return Merge::kept;
        if (entry.changed == ours.changed) return merge_same(entry, ours);
        // Ours says by itself what this tombstone says, and more.
        if (entry.deleted && ours.expires != never && entry.expires == never &&
            entry.changed == as_of(view(ours), never).changed)
            return merge_same(entry, ours);
    }
    // The watermark says all that this tombstone could say.
    if (before_clear) return Merge::kept;
    EntryView theirs = entry;
    if (entry.deleted) theirs.value = {};  // the wire has "REMOVED" there
    write(theirs, hash, slot);
    return Merge::taken;
}

// An expiry is no matter of what was removed.
Merge Entries::merge_same(const EntryView& entry, Record& ours) {
    ours.origin = entry.origin;
    if (!ours.deleted()) ours.accessed = std::max(ours.accessed, entry.accessed);
    const bool removed = ours.deleted() && ours.expires == never;
    if (removed || entry.expires >= ours.expires) return Merge::same;
    ours.expires = entry.expires;
    return Merge::taken;
}

// A living entry from before the last clear(). Unless something newer lives here, whoever still has
// it must hear that it is gone, also if this is not the first one to bring it.
Merge Entries::supersede(const EntryView& entry, std::uint32_t hash, const Slot* slot) {
    if (slot && is_counted(*slot->record)) return Merge::kept;
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
        if (!is_counted(record) || record.changed < now) continue;
        make_tombstone(record, just_after(record.changed));
        newest_ = std::max(newest_, record.changed);
    }
    cleared_ = std::max(cleared_, now);
}

// The slot of a key, or nullptr. What is in it is what it seems: no entry that was cleared away.
const Entries::Slot* Entries::locate(const HashedKey& key) {
    const auto found = slots_.find(key);
    if (found == slots_.end()) return nullptr;
    bury_cleared(*found);
    return &*found;
}

// Every state an entry takes on, it takes on here, in bury_…() or in clear(). `value` and `key` may
// be part of the record that is replaced.
const Record& Entries::write(const EntryView& entry, std::uint32_t hash, const Slot* slot) {
    const bool was_counted = slot && is_counted(*slot->record);
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
    record.expires = entry.expires;
    record.origin = entry.origin;
    record.set_deleted(entry.deleted);
    newest_ = std::max(newest_, entry.changed);
    if (const bool counts = !entry.deleted; counts != was_counted) add_living(counts ? 1 : -1);
    return record;
}

// Turns what stood here before the last clear() into the tombstone it counts as.
void Entries::bury_cleared(const Slot& slot) {
    Record& record = *slot.record;
    if (record.deleted() || record.changed > cleared_) return;
    make_tombstone(record, cleared_);
    if (!record.suits(0)) slot.record = record.emptied(0);
}

// It stays the version it is. Only the value goes, and who told us: a link that knows no expiry
// still has to hear of the end.
bool Entries::bury_expired(const Slot& slot, WallTime now) {
    Record& record = *slot.record;
    if (!is_counted(record) || now < record.expires) return false;
    record.origin = local_origin;
    record.set_deleted(true);
    record.set_value({});
    if (!record.suits(0)) slot.record = record.emptied(0);
    add_living(-1);
    return true;
}

bool Entries::bury(const HashedKey& key, WallTime now) {
    const Slot* const slot = locate(key);
    return slot && bury_expired(*slot, now);
}

WallTime Entries::time_for_write(WallTime now, const Slot* slot) const {
    const WallTime before =
        slot ? std::max(as_of(view(*slot->record), now).changed, cleared_) : cleared_;
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
            .origin = record.origin,
            .expires = record.expires};
}

}  // namespace clacks::cache
