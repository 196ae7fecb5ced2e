#include "cache/entries.hpp"

#include <algorithm>
#include <string>

#include "cache/number.hpp"

namespace clacks::cache {

WallTime Entries::store(const HashedKey& key, std::string_view value, WallTime now, Origin from,
                        WallTime expires, std::uint32_t flags) {
    const Slot* const slot = locate(key);
    const WallTime time = time_for_write(now, slot);
    write({.key = key.key,
           .value = value,
           .changed = time,
           .accessed = time,
           .origin = from,
           .expires = expires,
           .writer = writer_of(store_->node),
           .flags = flags},
          key.hash, slot);
    return time;
}

WallTime Entries::remove(const HashedKey& key, WallTime now, Origin from) {
    const Slot* const slot = locate(key);
    const WallTime time = time_for_write(now, slot);
    EntryView entry = make_tombstone(key.key, time, from);
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
    // Its base stays, and with it what others add to it. What is too long for that is no number.
    Counter fresh;
    Counter* parts = find_parts(*slot->record);
    if (!parts && entry.value.size() <= Counter::longest_base) {
        fresh = parts_of(view(*slot->record));
        parts = &fresh;
    }
    if (parts) {
        parts->expires_set = entry.changed;
        parts->expires = expires;
        entry.counter = parts;
    } else {
        entry.writer = writer_of(store_->node);
    }
    write(entry, key.hash, slot);
    return true;
}

std::string_view Entries::add(const HashedKey& key, std::string_view step, bool subtract,
                              WallTime now, Origin from) {
    const Slot* const slot = locate(key);
    WallTime time = time_for_write(now, slot);
    EntryView entry{.key = key.key};
    Counter fresh;
    Counter* parts = nullptr;
    if (slot) {
        const EntryView before = as_of(view(*slot->record), now);
        if (before.counter) parts = find_parts(*slot->record);
        if (!parts) fresh = parts_of(before);
        if (from != local_origin) entry.origin = before.origin;
        entry.writer = before.writer;
        entry.flags = before.flags;
        entry.fetched = before.fetched;
    }
    if (!parts) parts = &fresh;
    if (parts->is_full()) {
        parts->begin_anew(time);
        entry.writer = writer_of(store_->node);
        time = just_after(time);
    }
    parts->add(next_contribution(), step, subtract, time);
    entry.changed = entry.accessed = time;
    const std::string sum = parts->total();
    entry.value = sum;
    entry.counter = parts;
    entry.expires = parts->expires;
    return write(entry, key.hash, slot).value();
}

std::optional<std::string_view> Entries::retrieve(const HashedKey& key, WallTime now) {
    const auto found = slots_.find(key);
    if (!found || !is_living(*found->record, now)) return std::nullopt;
    note_access(*found->record, now);
    return found->record->value();
}

std::optional<EntryView> Entries::read(const HashedKey& key, WallTime now) {
    std::optional<EntryView> before;  // filled where the caller has it: a copy would cost as much
    const auto found = slots_.find(key);
    if (!found || !is_living(*found->record, now)) return before;
    fill(before.emplace(), *found->record);
    note_access(*found->record, now);
    return before;
}

void Entries::note_access(Record& record, WallTime now) {
    if (now > record.accessed()) record.set_accessed(now);
    record.set_fetched(true);
    record.use();
}

std::optional<EntryView> Entries::find(const HashedKey& key) const {
    const auto found = slots_.find(key);
    if (!found) return std::nullopt;
    return view(*found->record);
}

bool Entries::is_copied(const HashedKey& key) const {
    const auto found = slots_.find(key);
    return found && found->record->copied();
}

void Entries::shift(std::chrono::microseconds by) {
    cache::shift(cleared_, by);
    cache::shift(newest_, by);
    slots_.for_each([&](const Slot& slot) {
        cache::shift(slot.record->changed, by);
        Record::Extras extras{slot.record->expires(), slot.record->flags()};
        cache::shift(extras.expires, by);
        slot.record->set_extras(extras);
    });
    for (auto& [key, parts] : parts_) parts.counter->shift(by);
}

// The slot of a key, or nullptr. What is in it is what it seems: no entry that was cleared away.
const Entries::Slot* Entries::locate(const HashedKey& key) {
    const auto found = slots_.find(key);
    if (!found) return nullptr;
    bury_cleared(*found);
    return &*found;
}

// Every version an entry takes on, it takes on here. `value`, `key` and `counter` may be part of
// what is replaced.
Record& Entries::write(const EntryView& entry, std::uint32_t hash, const Slot* slot) {
    const bool was_present = slot && is_present(*slot->record);
    const Record::Extras extras{entry.expires, entry.flags};
    if (!slot) {
        Record::Pointer record = Record::make(entry.key, hash, entry.value.size(), extras.needed());
        record->set_value(entry.value);
        slot = &slots_.insert(Slot{std::move(record)});
        changes_.append(*slot->record);
        eviction_.enter(*slot->record);
        count(*slot->record);
        count_tables();
    } else if (!slot->record->suits(entry.value.size(), extras.needed())) {
        // A value that has outgrown its record once will again: an eighth in advance.
        const std::size_t size = entry.value.size();
        const bool grows = size > slot->record->value().size();
        const std::string value(entry.value);
        resize(*slot, grows ? size + size / 8 : size, extras.needed());
        slot->record->set_value(value);
    } else {
        slot->record->set_value(entry.value);
    }
    Record& record = *slot->record;
    record.changed = entry.changed;
    record.set_accessed(entry.accessed);
    record.set_extras(extras);
    record.origin = entry.origin;
    record.writer = entry.writer;
    record.set_fetched(entry.fetched);
    if (was_present) record.use();
    set_deleted(record, entry.deleted);
    set_parts(record, entry.counter);
    newest_ = std::max(newest_, entry.changed);
    if (const bool counts = !entry.deleted; counts != was_present) add_living(counts ? 1 : -1);
    note_change(record);
    return record;
}

void Entries::note_change(Record& record) {
    ChangeList::remove(record);
    record.sequence = store_->last_sequence.fetch_add(1, std::memory_order_relaxed) + 1;
    changes_.append(record);
}

// An id that this store has not given to a contribution of the same key before: each time it did,
// the store had changed since.
std::uint64_t Entries::next_contribution() const {
    constexpr std::uint64_t low = 0xffff'ffffU;
    return (store_->node & ~low) | ((store_->last_sequence.load() + 1) & low);
}

// Gives the record another capacity and an empty value, and no extras.
void Entries::resize(const Slot& slot, std::size_t capacity, bool extended) {
    Record::Pointer record = slot.record->emptied(capacity, extended);
    ChangeList::replace(*slot.record, *record);
    uncount(*slot.record);
    count(*record);
    slot.record = std::move(record);
}

// Returns the record, which may be another one.
Record& Entries::set_expires(Record& record, WallTime expires) {
    const Record::Extras extras{expires, record.flags()};
    if (record.extended()) {
        record.set_extras(extras);
        return record;
    }
    const Slot& slot = *slots_.find(HashedKey{record.key(), record.hash()});
    const std::string value(record.value());
    resize(slot, value.size(), true);
    slot.record->set_value(value);
    slot.record->set_extras(extras);
    return *slot.record;
}

// What must be done before the slot is taken out.
void Entries::erase(const Slot& slot) {
    // Of what a clear() has ended everybody hears as long as there is a watermark.
    const Record& record = *slot.record;
    if (record.deleted() && record.changed > cleared_) {
        last_forgotten_ = std::max(last_forgotten_, record.sequence);
    }
    if (record.copied()) note_forgotten(record.key());
    set_parts(*slot.record, nullptr);
    ChangeList::remove(*slot.record);
    uncount(*slot.record);
}

// `counter` may be what is set already.
void Entries::set_parts(Record& record, const Counter* counter) {
    if (!counter && !record.counted()) return;
    const auto change = [&](std::size_t before, std::size_t now) {
        parts_bytes_ = parts_bytes_ - before + now;
        store_->budget.take(now);
        store_->budget.give_back(before);
    };
    const std::string key(record.key());
    if (!counter) {
        const auto found = parts_.find(key);
        if (found != parts_.end()) {
            change(found->second.bytes, 0);
            parts_.erase(found);
        }
    } else {
        Parts& parts = parts_[key];
        if (!parts.counter) parts.counter = std::make_unique<Counter>();
        if (parts.counter.get() != counter) *parts.counter = *counter;
        const std::size_t bytes = footprint(key) + footprint(*parts.counter);
        change(std::exchange(parts.bytes, bytes), bytes);
        count_tables();
    }
    record.set_counted(counter != nullptr);
}

Counter* Entries::find_parts(const Record& record) {
    if (!record.counted()) return nullptr;
    const auto found = parts_.find(std::string(record.key()));
    return found == parts_.end() ? nullptr : found->second.counter.get();
}

void Entries::forget_all_parts() {
    parts_.clear();
    store_->budget.give_back(std::exchange(parts_bytes_, 0));
}

// An entry as a counter; of one that is none, as the base of one. What a clear() has ended is gone.
Counter Entries::parts_of(const EntryView& entry) const {
    Counter parts;
    if (entry.counter) {
        parts = *entry.counter;
    } else {
        parts.base_changed = parts.expires_set = entry.changed;
        parts.expires = entry.expires;
        parts.base_deleted = entry.deleted && entry.expires == never;
        if (!entry.deleted) parts.set_base(entry.value);
    }
    parts.clear(cleared_);
    return parts;
}

// It stays the version it is, with its parts. Only the value goes, and who told us: a link that
// knows no expiry still has to hear of the end.
bool Entries::bury_expired(const Slot& slot, WallTime now) {
    Record& record = *slot.record;
    if (!is_present(record) || now < record.expires()) return false;
    const Record::Extras extras{record.expires(), 0};
    record.origin = local_origin;
    set_deleted(record, true);
    record.set_value({});
    if (!record.suits(0)) resize(slot, 0, true);
    slot.record->set_extras(extras);
    add_living(-1);
    return true;
}

// What has become of it, if it is over. It is still there: the caller forgets it.
std::optional<Cleaned> Entries::clean_slot(const Slot& slot, WallTime now, WallTime deleted_before,
                                           WallTime stale_before) {
    bury_cleared(slot);
    // A new tombstone is forgotten next time, even if what it stands for ended long ago.
    if (bury_expired(slot, now)) return Cleaned::expired;
    const Record& record = *slot.record;
    if (!record.deleted()) {
        return record.accessed() < stale_before ? std::optional(Cleaned::stale) : std::nullopt;
    }
    const bool old = as_of(view(record), now).changed < deleted_before;
    return old ? std::optional(Cleaned::deleted) : std::nullopt;
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
    EntryView entry;
    fill(entry, record);
    return entry;
}

/// `entry` is as it was made.
void Entries::fill(EntryView& entry, const Record& record) const {
    if (is_cleared(record)) {
        entry = make_tombstone(record.key(), cleared_);
        entry.sequence = record.sequence;
        return;
    }
    entry.key = record.key();
    entry.value = record.value();
    entry.changed = record.changed;
    entry.accessed = record.accessed();
    entry.deleted = record.deleted();
    entry.origin = record.origin;
    entry.expires = record.expires();
    entry.writer = record.writer;
    entry.flags = record.flags();
    entry.fetched = record.fetched();
    entry.sequence = record.sequence;
    if (record.counted()) {
        const auto found = parts_.find(std::string(record.key()));
        if (found != parts_.end()) entry.counter = found->second.counter.get();
    }
}

}  // namespace clacks::cache
