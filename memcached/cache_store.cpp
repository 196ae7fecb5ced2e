// The half of CacheOperations that stores.
#include <string>

#include "memcached/cache_operations.hpp"
#include "memcached/key_mapping.hpp"

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
    return place.entry ? store_over(store, place) : store_new(store, place);
}

Outcome CacheOperations::store_over(const Store& store, Place& place) {
    const Mark fresh{.cas = store.new_cas};
    const bool fits = !store.compare || *store.compare == cas_of(place);
    switch (store.mode) {
        case Store::Mode::add:
            place.shard.retrieve(place.name, place.now);  // memcached counts it as an access
            return Outcome::not_stored;
        case Store::Mode::append:
        case Store::Mode::prepend:
            return fits ? concat(store, place) : Outcome::exists;
        case Store::Mode::cas:
            // No item has 0.
            if (fits) break;
            if (!store.accepts_older || *store.compare == 0 || *store.compare > cas_of(place)) {
                return Outcome::exists;
            }
            write(place, store.value, store.flags, place.entry->expires,
                  {.stale = true, .token_sent = place.mark.token_sent, .cas = store.new_cas});
            return Outcome::done;
        default:
            break;
    }
    write(place, store.value, store.flags, store.expires, fresh);
    return Outcome::done;
}

Outcome CacheOperations::store_new(const Store& store, Place& place) {
    WallTime expires = store.expires;
    switch (store.mode) {
        case Store::Mode::cas:
            return Outcome::not_found;
        case Store::Mode::replace:
            return Outcome::not_stored;
        case Store::Mode::append:
        case Store::Mode::prepend:
            if (!store.vivify) return Outcome::not_stored;
            expires = *store.vivify;
            break;
        default:
            break;
    }
    write(place, store.value, store.flags, expires, {.cas = store.new_cas});
    return Outcome::done;
}

Outcome CacheOperations::concat(const Store& store, Place& place) {
    const cache::EntryView& entry = *place.entry;
    if (entry.value.size() + store.value.size() > item_bytes_) return Outcome::not_stored;
    const bool behind = store.mode == Store::Mode::append;
    std::string value;
    value.reserve(entry.value.size() + store.value.size());
    value.append(behind ? entry.value : store.value).append(behind ? store.value : entry.value);
    write(place, value, entry.flags, entry.expires, {.cas = store.new_cas});
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
