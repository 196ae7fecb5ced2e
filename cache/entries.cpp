#include "cache/entries.hpp"

#include <algorithm>
#include <string>

#include "cache/number.hpp"

namespace clacks::cache {
namespace {

EntryView tombstone(std::string_view key, WallTime time, Origin from = local_origin) {
    return {.key = key, .changed = time, .accessed = time, .deleted = true, .origin = from};
}

/// How two contents of one version stand to each other. There is one, if nodes wrote it that say
/// who they are; but what came from plain ones may be of the same time by chance, and all nodes
/// have to choose the same. A tombstone that was made of an expired entry says nothing of its own.
int compare_contents(const EntryView& a, const EntryView& b) {
    const auto removed = [](const EntryView& e) { return e.deleted && e.expires == never; };
    if (removed(a) != removed(b)) return removed(a) ? 1 : -1;
    return a.deleted || b.deleted ? 0 : a.value.compare(b.value);
}

int compare_versions(const EntryView& a, const EntryView& b) {
    if (a.changed != b.changed) return a.changed < b.changed ? -1 : 1;
    if (a.writer != b.writer) return a.writer < b.writer ? -1 : 1;
    return compare_contents(a, b);
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
           .expires = expires,
           .writer = writer_of(store_->node)},
          key.hash, slot);
    return time;
}

WallTime Entries::remove(const HashedKey& key, WallTime now, Origin from) {
    const Slot* const slot = locate(key);
    const WallTime time = time_for_write(now, slot);
    EntryView entry = tombstone(key.key, time, from);
    entry.writer = writer_of(store_->node);
    write(entry, key.hash, slot);
    return time;
}

bool Entries::expire(const HashedKey& key, WallTime expires, WallTime now, Origin from) {
    const Slot* const slot = locate(key);
    if (!slot || !is_living(*slot->record, now)) return false;
    EntryView entry = view(*slot->record);
    entry.changed = time_for_write(now, slot);
    entry.origin = from;
    entry.expires = expires;
    if (Counter* const parts = find_parts(*slot->record)) {
        parts->expires_set = entry.changed;  // its base stays, and with it what others add to it
        parts->expires = expires;
    } else {
        entry.writer = writer_of(store_->node);
    }
    write(entry, key.hash, slot);
    return true;
}

std::string_view Entries::add(const HashedKey& key, std::string_view step, bool subtract,
                              WallTime now, Origin from) {
    const Slot* const slot = locate(key);
    const WallTime time = time_for_write(now, slot);
    EntryView entry{.key = key.key, .changed = time, .accessed = time};
    Counter fresh;
    Counter* parts = nullptr;
    if (slot) {
        const EntryView before = as_of(view(*slot->record), now);
        if (before.counter) parts = find_parts(*slot->record);
        if (!parts) fresh = parts_of(before);
        if (from != local_origin) entry.origin = before.origin;
        entry.writer = before.writer;
    }
    if (!parts) parts = &fresh;
    parts->add(store_->node, step, subtract, time);
    const std::string sum = parts->total();
    entry.value = sum;
    entry.counter = parts;
    entry.expires = parts->expires;
    return write(entry, key.hash, slot).value();
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
    // Dead since the last clear(); the peer knows of that, or will.
    if (entry.changed <= cleared_) return Merge::kept;
    const Slot* const slot = locate({entry.key, hash});
    if (entry.counter || (slot && slot->record->counted())) {
        return merge_counter(entry, hash, slot);
    }
    if (slot) {
        Record& ours = *slot->record;
        const EntryView present = view(ours);
        const int order = compare_versions(entry, present);
        if (order <= 0 && entry.changed == ours.changed && entry.writer == ours.writer) {
            return merge_same(entry, ours);
        }
        if (order < 0) return Merge::kept;
        // Ours says by itself what this tombstone says, and more.
        if (entry.deleted && ours.expires != never && entry.expires == never &&
            entry.changed == as_of(present, never).changed)
            return merge_same(entry, ours);
    }
    EntryView theirs = entry;
    if (entry.deleted) theirs.value = {};  // the wire has "REMOVED" there
    write(theirs, hash, slot);
    return Merge::taken;
}

// Part by part the newer one: the base, its expiry, what each node has added.
Merge Entries::merge_counter(const EntryView& entry, std::uint32_t hash, const Slot* slot) {
    const EntryView present = slot ? view(*slot->record) : EntryView{.key = entry.key};
    const Counter ours = slot ? parts_of(present) : Counter{};
    const Counter theirs = parts_of(entry);
    const auto base = [](const EntryView& whole, const Counter& parts) {
        return EntryView{.value = parts.base,
                         .changed = parts.base_changed,
                         .deleted = parts.base_deleted,
                         .writer = whole.writer};
    };
    const bool newer_base = compare_versions(base(entry, theirs), base(present, ours)) > 0;
    Counter merged = newer_base ? theirs : ours;
    merged.merge(newer_base ? ours : theirs);
    merged.drop_started_by(merged.base_changed);
    if (merged.empty()) return Merge::kept;

    const bool as_theirs = merged == theirs;
    if (slot && merged == ours && !newer_base) {
        return as_theirs ? merge_same(entry, *slot->record) : Merge::kept;
    }
    EntryView result = newer_base ? entry : present;
    const std::string total = merged.total();
    result.key = entry.key;
    result.changed = merged.changed();
    result.accessed = std::max(entry.accessed, present.accessed);
    result.expires = merged.expires;
    result.deleted = merged.base_deleted && merged.contributions.empty();
    result.value = result.deleted ? std::string_view() : total;
    // Something of ours is in it that the peer does not know.
    result.origin = as_theirs ? entry.origin : local_origin;
    const bool counted = !merged.contributions.empty() || merged.expires_set > merged.base_changed;
    if (!counted && !result.deleted) result.value = merged.base;
    result.counter = counted ? &merged : nullptr;
    write(result, hash, slot);
    return Merge::taken;
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
    return merge_plain(entry, hash, slot);
}

Merge Entries::merge_plain(const EntryView& entry, std::uint32_t hash, const Slot* slot) {
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
    if (removed || ours.counted() || entry.expires >= ours.expires) return Merge::same;
    ours.expires = entry.expires;
    return Merge::taken;
}

// A living entry from before the last clear(). Unless something newer lives here, whoever still has
// it must hear that it is gone, also if this is not the first one to bring it.
Merge Entries::supersede(const EntryView& entry, std::uint32_t hash, const Slot* slot) {
    if (slot && is_present(*slot->record)) return Merge::kept;
    const WallTime time = std::max(cleared_, just_after(entry.changed));
    if (!slot || slot->record->changed < time) write(tombstone(entry.key, time), hash, slot);
    return Merge::superseded;
}

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
        for (const Slot& slot : slots_) {
            Record& record = *slot.record;
            if (record.deleted() || record.changed <= cleared_) continue;
            EntryView gone = tombstone(record.key(), just_after(record.changed));
            gone.writer = writer_of(store_->node);
            write(gone, record.hash(), &slot);
        }
    }
    parts_.clear();
    add_living(-static_cast<std::ptrdiff_t>(living()));
}

void Entries::merge_clear(WallTime time) {
    if (time <= cleared_) return;
    cleared_ = time;
    std::ptrdiff_t left = 0;
    if (newest_ > time) {
        for (const Slot& slot : slots_) {
            clear_parts(slot);
            if (is_present(*slot.record)) ++left;
        }
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
    entry.expires = rest.expires;
    entry.changed = rest.changed();
    if (rest.empty()) entry = tombstone(entry.key, cleared_);
    write(entry, record.hash(), &slot);
}

void Entries::shift(std::chrono::microseconds by) {
    cache::shift(cleared_, by);
    cache::shift(newest_, by);
    for (const Slot& slot : slots_) {
        cache::shift(slot.record->changed, by);
        cache::shift(slot.record->accessed, by);
        cache::shift(slot.record->expires, by);
    }
    for (auto& [key, parts] : parts_) parts->shift(by);
}

// The slot of a key, or nullptr. What is in it is what it seems: no entry that was cleared away.
const Entries::Slot* Entries::locate(const HashedKey& key) {
    const auto found = slots_.find(key);
    if (found == slots_.end()) return nullptr;
    bury_cleared(*found);
    return &*found;
}

// Every version an entry takes on, it takes on here. `value`, `key` and `counter` may be part of
// what is replaced.
const Record& Entries::write(const EntryView& entry, std::uint32_t hash, const Slot* slot) {
    const bool was_present = slot && is_present(*slot->record);
    if (!slot) {
        Record::Pointer record = Record::make(entry.key, hash, entry.value.size());
        record->set_value(entry.value);
        slot = &*slots_.insert(Slot{std::move(record)}).first;
        changes_.append(*slot->record);
    } else if (!slot->record->suits(entry.value.size())) {
        // A value that has outgrown its record once will again: an eighth in advance.
        const std::size_t size = entry.value.size();
        const bool grows = size > slot->record->value().size();
        const std::string value(entry.value);
        resize(*slot, grows ? size + size / 8 : size);
        slot->record->set_value(value);
    } else {
        slot->record->set_value(entry.value);
    }
    Record& record = *slot->record;
    record.changed = entry.changed;
    record.accessed = std::max(entry.changed, entry.accessed);
    record.expires = entry.expires;
    record.origin = entry.origin;
    record.writer = entry.writer;
    record.set_deleted(entry.deleted);
    set_parts(record, entry.counter);
    newest_ = std::max(newest_, entry.changed);
    if (const bool counts = !entry.deleted; counts != was_present) add_living(counts ? 1 : -1);
    ChangeList::remove(record);
    record.sequence = store_->last_sequence.fetch_add(1, std::memory_order_relaxed) + 1;
    changes_.append(record);
    return record;
}

// Gives the record another capacity and an empty value.
void Entries::resize(const Slot& slot, std::size_t capacity) {
    Record::Pointer record = slot.record->emptied(capacity);
    ChangeList::replace(*slot.record, *record);
    slot.record = std::move(record);
}

// What must be done before the slot is taken out.
void Entries::erase(const Slot& slot) {
    set_parts(*slot.record, nullptr);
    ChangeList::remove(*slot.record);
}

// `counter` may be what is set already.
void Entries::set_parts(Record& record, const Counter* counter) {
    if (!counter && !record.counted()) return;
    if (!counter) {
        parts_.erase(std::string(record.key()));
    } else {
        auto& parts = parts_[std::string(record.key())];
        if (!parts) parts = std::make_unique<Counter>();
        if (parts.get() != counter) *parts = *counter;
    }
    record.set_counted(counter != nullptr);
}

Counter* Entries::find_parts(const Record& record) {
    if (!record.counted()) return nullptr;
    const auto found = parts_.find(std::string(record.key()));
    return found == parts_.end() ? nullptr : found->second.get();
}

// An entry as a counter; of one that is none, as the base of one. What a clear() has ended is gone.
Counter Entries::parts_of(const EntryView& entry) const {
    Counter parts;
    if (entry.counter) {
        parts = *entry.counter;
    } else {
        parts.base_changed = parts.expires_set = entry.changed;
        parts.expires = entry.expires;
        parts.base_deleted = entry.deleted;
        if (!entry.deleted) parts.base = entry.value;
    }
    parts.clear(cleared_);
    return parts;
}

// Turns what stood here before the last clear() into the tombstone it counts as.
void Entries::bury_cleared(const Slot& slot) {
    Record& record = *slot.record;
    if (!is_cleared(record)) return;
    set_parts(record, nullptr);
    record.changed = record.accessed = cleared_;
    record.expires = never;
    record.origin = local_origin;
    record.writer = 0;
    record.set_deleted(true);
    record.set_value({});
    if (!record.suits(0)) resize(slot, 0);
}

// It stays the version it is, with its parts. Only the value goes, and who told us: a link that
// knows no expiry still has to hear of the end.
bool Entries::bury_expired(const Slot& slot, WallTime now) {
    Record& record = *slot.record;
    if (!is_present(record) || now < record.expires) return false;
    record.origin = local_origin;
    record.set_deleted(true);
    record.set_value({});
    if (!record.suits(0)) resize(slot, 0);
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
    if (is_cleared(record)) {
        return tombstone(record.key(), cleared_);
    }
    EntryView entry{.key = record.key(),
                    .value = record.value(),
                    .changed = record.changed,
                    .accessed = record.accessed,
                    .deleted = record.deleted(),
                    .origin = record.origin,
                    .expires = record.expires,
                    .writer = record.writer};
    if (record.counted()) {
        const auto found = parts_.find(std::string(record.key()));
        if (found != parts_.end()) entry.counter = found->second.get();
    }
    return entry;
}

}  // namespace clacks::cache
