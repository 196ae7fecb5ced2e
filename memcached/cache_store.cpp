// The half of CacheOperations that stores.
#include <string>

#include "memcached/cache_operations.hpp"
#include "memcached/key_mapping.hpp"
#include "memcached/plan.hpp"

namespace clacks::memcached {

/// Afterwards the place is that of the new version, with `value` as it was given; without an entry,
/// if it has expired already.
void CacheOperations::write(Place& place, std::string_view value, std::uint32_t flags,
                            WallTime expires, const Mark& mark) {
    const WallTime version =
        place.shard.store(place.name, value, place.now, cache::local_origin, expires, flags);
    if (changes_) {
        if (place.now < expires) {
            changes_->stored(place.shard.index(), place.name, value);
        } else {
            changes_->removed(place.shard.index(), place.name);
        }
    }
    place.entry = {.key = place.name,
                   .value = value,
                   .changed = version,
                   .accessed = version,
                   .expires = expires,
                   .flags = flags};
    if (place.now < expires) return set_mark(place, mark);
    place.entry.reset();
}

void CacheOperations::store(const Store& store, WallTime now, Receiver& to) {
    flush_if_due(now);
    const MappedKey mapped(store.key);
    const std::string_view name = mapped;
    std::size_t bytes = store.value.size();
    if (store.mode == Store::Mode::append || store.mode == Store::Mode::prepend) {
        // Room is made before the lock. Whoever makes the value longer in between has done so, too.
        const auto entry = cache_.lock(name).find_living(name, now);
        if (entry) bytes += entry->value.size();
    }
    const auto room = cache_.make_room_for(name, bytes, now);
    if (!room) {
        const bool too_large = room.refused() == cache::Room::Refused::too_large;
        // As memcached does: nobody is to be served what should have been replaced.
        if (store.mode == Store::Mode::set) {
            auto shard = cache_.lock(name);
            if (shard.find_living(name, now)) {
                shard.remove(name, now);
                if (changes_) changes_->removed(shard.index(), name);
            }
        }
        return to.take({.outcome = too_large ? Outcome::too_large : Outcome::out_of_memory});
    }
    Place place = lock(name, now);
    if (store.mode != Store::Mode::set) find(place);
    const Outcome outcome = store_place(store, place);
    if (outcome != Outcome::done || !place.entry) {
        return to.take({.outcome = outcome, .item = {.value = store.value}});
    }
    to.take({.item = item_of(place)});
}

Outcome CacheOperations::store_place(const Store& store, Place& place) {
    const Item old = place.entry ? item_of(place) : Item();
    const StorePlan plan = plan_store(store, place.entry ? &old : nullptr);
    if (plan.outcome != Outcome::done) {
        // memcached counts that as an access.
        if (store.mode == Store::Mode::add) place.shard.retrieve(place.name, place.now);
        return plan.outcome;
    }
    const Mark mark{.stale = plan.stale, .token_sent = plan.token_sent, .cas = store.new_cas};
    if (!plan.joins) {
        write(place, store.value, plan.flags, plan.expires, mark);
        return Outcome::done;
    }
    if (old.value.size() + store.value.size() > item_bytes_) return Outcome::not_stored;
    write(place, join(store, old.value), plan.flags, plan.expires, mark);
    find(place);
    return Outcome::done;
}

void CacheOperations::flush_all(WallTime at, WallTime now, Receiver& to) {
    flush_at_ = at <= now ? now : at;
    flush_if_due(now);
    to.take({});
}

/// Of several threads that find it due, one does it.
void CacheOperations::flush_now(WallTime now) {
    WallTime due = flush_at_;
    if (now < due || !flush_at_.compare_exchange_strong(due, never)) return;
    cache_.clear(now, [&](WallTime time) {
        if (changes_) changes_->cleared(time);
    });
}

}  // namespace clacks::memcached
