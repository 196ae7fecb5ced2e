// What becomes of an entry that another node tells of.
#include <algorithm>
#include <string>

#include "cache/entries.hpp"

namespace clacks::cache {
namespace {

/// How two contents of one version stand to each other. There is one, if nodes wrote it that say
/// who they are; but what came from plain ones may be of the same time by chance, and all nodes
/// have to choose the same. A tombstone that was made of an expired entry says nothing of its own.
int compare_contents(const EntryView& a, const EntryView& b) {
    const auto removed = [](const EntryView& e) { return e.deleted && e.expires == never; };
    if (removed(a) != removed(b)) return removed(a) ? 1 : -1;
    if (a.deleted || b.deleted) return 0;
    if (a.flags != b.flags) return a.flags < b.flags ? -1 : 1;
    return a.value.compare(b.value);
}

int compare_versions(const EntryView& a, const EntryView& b) {
    if (a.changed != b.changed) return a.changed < b.changed ? -1 : 1;
    if (a.writer != b.writer) return a.writer < b.writer ? -1 : 1;
    return compare_contents(a, b);
}

/// The base of an entry, which may be a counter's, to be compared with another.
EntryView base_of(const EntryView& whole, const Counter& parts) {
    return {.value = parts.base,
            .changed = parts.base_changed,
            .deleted = parts.base_deleted,
            .writer = whole.writer,
            .flags = whole.flags};
}

/// It was buried when it had expired, and its base is not known any more. Others may know it, and
/// may have prolonged it.
bool has_lost_base(const EntryView& whole, const Counter& parts) {
    return whole.deleted && !parts.base_deleted && parts.base.empty();
}

}  // namespace

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
        if (order == 0) return merge_same(entry, ours);
        if (order < 0) return Merge::kept;
        // Ours says by itself what this tombstone says, and more.
        if (entry.deleted && ours.expires() != never && entry.expires == never &&
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
    Counter ours = slot ? parts_of(present) : Counter{};
    Counter theirs = parts_of(entry);
    const bool same_base =
        ours.base_changed == theirs.base_changed && present.writer == entry.writer;
    const bool lost_here = same_base && has_lost_base(present, ours);
    const bool lost_there = same_base && has_lost_base(entry, theirs);
    if (lost_here) ours.base = theirs.base;
    if (lost_there) theirs.base = ours.base;
    const bool newer_base = compare_versions(base_of(entry, theirs), base_of(present, ours)) > 0;
    Counter merged = newer_base ? theirs : ours;
    merged.own = ours.own;
    merged.merge(newer_base ? ours : theirs);
    merged.drop_started_by(merged.base_changed);
    if (merged.empty()) return Merge::kept;

    const bool as_theirs = merged == theirs && (!lost_there || merged.base.empty());
    const bool regained = lost_here && !merged.base.empty();
    if (slot && merged == ours && !newer_base && !regained) {
        return as_theirs ? merge_same(entry, *slot->record) : Merge::kept;
    }
    EntryView result = newer_base ? entry : present;
    if (!newer_base && same_base && present.deleted) result.deleted = entry.deleted;
    const bool lost_base = has_lost_base(result, merged);
    const std::string total = merged.total();
    result.key = entry.key;
    result.changed = merged.changed();
    result.accessed = std::max(entry.accessed, present.accessed);
    result.expires = merged.expires;
    result.deleted = (merged.base_deleted || lost_base) && merged.contributions.empty();
    const bool counted = !merged.contributions.empty() || merged.expires_set > merged.base_changed;
    if (result.deleted) {
        result.value = {};
    } else if (!merged.contributions.empty()) {
        result.value = total;
    } else if (result.value.empty()) {  // it was buried
        result.value = same_base && !entry.deleted ? entry.value : std::string_view(merged.base);
    }
    // Something of ours is in it that the peer does not know.
    result.origin = as_theirs ? entry.origin : local_origin;
    result.counter = counted ? &merged : nullptr;
    if (merged.base_deleted) result.flags = 0;
    write(result, hash, slot);
    return Merge::taken;
}

bool Entries::tell_again(const HashedKey& key) {
    const Slot* const slot = locate(key);
    if (!slot || slot->record->changed <= cleared_) return false;
    slot->record->origin = local_origin;
    note_change(*slot->record);
    return true;
}

Merge Entries::merge_plain(const EntryView& entry, std::uint32_t hash) {
    const Slot* const slot = locate({entry.key, hash});
    if (slot && !entry.deleted && entry.changed > cleared_) {
        Record& ours = *slot->record;
        const bool may_be_copy = ours.expires() != never && entry.changed > ours.changed &&
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
        if (entry.deleted && ours.expires() != never && entry.expires == never &&
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
    if (!ours.deleted() && entry.accessed > ours.accessed()) ours.set_accessed(entry.accessed);
    const bool removed = ours.deleted() && ours.expires() == never;
    if (removed || ours.counted() || entry.expires >= ours.expires()) return Merge::same;
    note_change(set_expires(ours, entry.expires));
    return Merge::taken;
}

// A living entry from before the last clear(). Unless something newer lives here, whoever still has
// it must hear that it is gone, also if this is not the first one to bring it.
Merge Entries::supersede(const EntryView& entry, std::uint32_t hash, const Slot* slot) {
    if (slot && is_present(*slot->record)) return Merge::kept;
    const WallTime time = std::max(cleared_, just_after(entry.changed));
    if (!slot || slot->record->changed < time) write(make_tombstone(entry.key, time), hash, slot);
    return Merge::superseded;
}

}  // namespace clacks::cache
