// What a shard takes of the store's budget, and how it gives some of it back.
#include <algorithm>
#include <utility>

#include "cache/entries.hpp"
#include "cache/footprint.hpp"

namespace clacks::cache {

std::size_t Entries::evict(WallTime now, Evict what) {
    constexpr unsigned most_victims = 16;  // whoever waits for the shard does so for microseconds
    Steps steps;
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
    return freed + shrink_tables();
}

/// A table that has become far too large, since the budget has become smaller, must not be what
/// everything else has to go for. Returns the memory that is free now.
std::size_t Entries::shrink_tables() {
    constexpr std::size_t too_large = 8;  // times what would do; they double as they grow
    constexpr std::size_t small = 1024;
    if (slots_.bucket_count() < too_large * slots_.size() + small) return 0;
    const std::size_t before = tables_bytes_;
    slots_.rehash(0);
    parts_.rehash(0);
    eviction_.fit_ghosts(slots_.size());
    count_tables();
    return before - std::min(before, tables_bytes_);
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
    if (found == slots_.end() || !is_living(*found->record, now)) return false;
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
    const std::size_t bytes = table_footprint(slots_.bucket_count(), sizeof(Slot)) +
                              table_footprint(parts_.bucket_count(), sizeof(*parts_.begin())) +
                              eviction_.ghost_footprint();
    if (bytes == tables_bytes_) return;
    store_->budget.take(bytes);
    store_->budget.give_back(std::exchange(tables_bytes_, bytes));
}

}  // namespace clacks::cache
