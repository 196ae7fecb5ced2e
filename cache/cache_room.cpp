// Room for what is written: entries have to go, in all shards alike.
#include "cache/cache.hpp"
#include "cache/footprint.hpp"

namespace clacks::cache {
namespace {

/// What a value may grow into is reserved with it, see Entries::write().
std::size_t bytes_for(std::string_view key, std::size_t value_bytes) {
    return Record::footprint(key.size(), value_bytes + value_bytes / 8, true);
}

/// The longest number.
constexpr std::size_t number_bytes = 24;

/// A counter with one contribution, and its share of the table.
std::size_t parts_bytes_for(std::string_view key) {
    return footprint(sizeof(Counter)) + footprint(sizeof(Contribution)) + 2 * sizeof(Counter) +
           footprint(key.size() + 1);
}

}  // namespace

void Cache::set_budget(std::size_t memory, bool evicts) { store_.budget.set(memory, evicts); }

Room Cache::make_room(const EntryView& entry, WallTime now) {
    if (entry.deleted) return make_room_for_tombstone(entry.key, now);
    std::size_t bytes = bytes_for(entry.key, entry.value.size());
    if (entry.counter) bytes += parts_bytes_for(entry.key) + footprint(*entry.counter);
    return make_room(entry.key, entry.value.size(), bytes, now);
}

Room Cache::make_room_for(std::string_view key, std::size_t value_bytes, WallTime now) {
    return make_room(key, value_bytes, bytes_for(key, value_bytes), now);
}

Room Cache::make_room_to_add(std::string_view key, WallTime now) {
    const std::size_t bytes = bytes_for(key, number_bytes) + parts_bytes_for(key);
    return make_room(key, 1, bytes, now);
}

Room Cache::make_room(std::string_view key, std::size_t value_bytes, std::size_t bytes,
                      WallTime now) {
    Budget& budget = store_.budget;
    Room room(budget, bytes);
    const std::size_t limit = budget.limit_for_living();
    if (budget.used() <= limit) return room;
    if (bytes > budget.largest_entry()) return Room::Refused::too_large;
    const std::size_t ahead = budget.ahead();
    const std::size_t freed = evict_until(limit - ahead, bytes + ahead, now);
    if (freed >= bytes || budget.used() <= limit) return room;
    // A full store that evicts nothing still takes new values for what is in it.
    if (lock(key).takes_in_place(key, value_bytes, now)) return Room(budget, 0);
    return Room::Refused::full;
}

Room Cache::make_room_for_tombstone(std::string_view key, WallTime now) {
    Budget& budget = store_.budget;
    const std::size_t bytes = bytes_for(key, 0);
    Room room(budget, bytes);
    if (budget.used() > budget.limit()) evict_until(budget.limit(), bytes, now);
    return room;
}

bool Cache::trim(WallTime now) {
    constexpr std::size_t at_once = 32U << 10U;  // whoever calls does so again and again
    const std::size_t freed = evict_until(store_.budget.limit(), at_once, now);
    if (freed == 0 || !store_.budget.evicts()) return true;
    return store_.budget.used() <= store_.budget.limit();
}

std::size_t Cache::evict_until(std::size_t most_used, std::size_t enough, WallTime now) {
    // A visit to a shard looks at some tens of entries. When all of very many are in use, that does
    // not count any more, lest a write have to wait; when nothing comes of any visit, there is
    // nothing.
    constexpr unsigned patience = 1024;
    const Budget& budget = store_.budget;
    const bool evicts = budget.evicts();
    std::size_t freed = 0;
    for (unsigned fruitless = 0; fruitless < (evicts ? 2 * patience : 4);) {
        if (budget.used() <= most_used || freed >= enough) break;
        const Evict what = !evicts ? Evict::dead : fruitless < patience ? Evict::worst : Evict::any;
        const unsigned shard = evict_next_.fetch_add(1, std::memory_order_relaxed) % shard_count;
        const std::size_t now_free = lock(shard).entries().evict(now, what);
        freed += now_free;
        fruitless = now_free > 0 ? 0 : fruitless + 1;
    }
    return freed;
}

}  // namespace clacks::cache
