// What a shard takes of the store's budget, and how it gives some of it back.
#include <algorithm>
#include <utility>

#include "cache/entries.hpp"
#include "cache/footprint.hpp"

namespace clacks::cache {

std::size_t Entries::evict(WallTime now, Evict what) {
    constexpr unsigned most_victims = 16;  // whoever waits for the shard does so for microseconds
    Steps steps;
    const std::size_t tables_before = tables_bytes_;
    std::size_t freed = 0;
    std::uint64_t living = 0;
    std::uint64_t tombstones = 0;
    for (unsigned i = 0; i < most_victims; ++i) {
        Record* const victim = choose_victim(now, what, steps);
        if (!victim) break;
        freed += victim->footprint();
        if (is_living(*victim, now)) ++living;
        if (victim->deleted() && victim->changed > cleared_) ++tombstones;
        if (is_present(*victim)) add_living(-1);
        const auto slot = slots_.find(HashedKey{victim->key(), victim->hash()});
        erase(*slot);
        slots_.erase(slot);
    }
    if (living + tombstones > 0) store_->budget.count_evicted(living, tombstones);
    shrink_tables();
    return freed + tables_before - std::min(freed + tables_before, tables_bytes_);
}

/// A table that has become far too large, since the budget has become smaller, must not be what
/// everything else has to go for; nor must the list of what is forgotten.
void Entries::shrink_tables() {
    forgotten_.fit(store_->budget.forgotten_limit());
    count_tables();
    constexpr std::size_t too_large = 8;  // times what would do; it doubles as it grows
    constexpr std::size_t small = 1024;
    const bool has_too_many_parts = parts_.bucket_count() >= too_large * parts_.size() + small;
    if (has_too_many_parts) parts_.rehash(0);
    if (!slots_.shrink() && !has_too_many_parts) return;
    eviction_.fit_ghosts(slots_.size());
    count_tables();
}

Record* Entries::choose_victim(WallTime now, Evict what, Steps& steps) {
    const Eviction::Moment moment{now, cleared_};
    const Budget& budget = store_->budget;
    const bool too_many_tombstones = budget.tombstones() > budget.tombstone_limit();
    if (too_many_tombstones || what == Evict::dead) {
        Record* const found = eviction_.choose_dead(moment, too_many_tombstones, steps.dead);
        if (found || what != Evict::any) return found;
    }
    eviction_.fit_ghosts(slots_.size());
    count_tables();
    Record* const found = eviction_.choose(moment, what != Evict::any, steps.living);
    if (found || what != Evict::any) return found;
    return eviction_.choose_dead(moment, true, steps.dead);
}

bool Entries::takes_in_place(const HashedKey& key, std::size_t value_bytes, WallTime now) const {
    const auto found = slots_.find(key);
    if (!found || !is_living(*found->record, now)) return false;
    return Record::footprint(key.key.size(), value_bytes, false) <= found->record->footprint();
}

void Entries::set_deleted(Record& record, bool deleted) {
    if (record.deleted() == deleted) return;
    uncount(record);
    record.set_deleted(deleted);
    if (!deleted) eviction_.enter(record);
    count(record);
}

void Entries::count(const Record& record) {
    eviction_.count(record);
    store_->budget.take(record.footprint());
    if (record.deleted()) store_->budget.take_for_tombstone(record.footprint());
}

void Entries::uncount(const Record& record) {
    eviction_.uncount(record);
    store_->budget.give_back(record.footprint());
    if (record.deleted()) store_->budget.give_back_tombstone(record.footprint());
}

// They grow now and then, and seldom shrink.
void Entries::count_tables() {
    const std::size_t bytes = slots_.footprint() +
                              table_footprint(parts_.bucket_count(), sizeof(*parts_.begin())) +
                              eviction_.ghost_footprint() + forgotten_.footprint();
    if (bytes == tables_bytes_) return;
    store_->budget.take(bytes);
    store_->budget.give_back(std::exchange(tables_bytes_, bytes));
}

void Entries::note_forgotten(std::string_view key) {
    forgotten_.add(key, store_->budget.forgotten_limit());
    count_tables();
}

Forgotten Entries::take_forgotten() {
    Forgotten taken = forgotten_.take();
    count_tables();
    return taken;
}

}  // namespace clacks::cache
