// Reading, removing and counting; cache_store.cpp has the rest.
#include "memcached/cache_operations.hpp"

#include <utility>

#include "cache/counter.hpp"
#include "memcached/key_mapping.hpp"
#include "memcached/plan.hpp"
#include "memcached/stored_number.hpp"

namespace clacks::memcached {
namespace {

template <std::size_t... Index>
std::array<Marks, sizeof...(Index)> make_marks(std::size_t most, std::index_sequence<Index...>) {
    return {((void)Index, Marks(most))...};
}

class SameForm final : public ValueForm {
public:
    std::string_view stored(std::string_view value, std::string&) const override { return value; }
    std::string_view given(std::string_view stored, std::string&) const override { return stored; }
};

/// What several nodes have taken off a counter at the same time, each as far as 0. memcached knows
/// no such number. One that was stored so is a text like any.
bool is_below_zero(const cache::EntryView& entry) {
    return entry.counter && !entry.counter->contributions.empty() && entry.value.starts_with('-');
}

}  // namespace

const ValueForm& same_form() {
    static const SameForm form;
    return form;
}

CacheOperations::CacheOperations(cache::Cache& cache, std::size_t item_bytes, const ValueForm& form)
    : cache_(cache),
      item_bytes_(item_bytes),
      form_(form),
      marks_(make_marks(most_marks, std::make_index_sequence<cache::Cache::shard_count>())) {}

void CacheOperations::find(Place& place) {
    place.entry = place.shard.find_living(place.name, place.now);
    if (place.entry) place.mark = marks(place).find(place.name, place.entry->changed);
}

/// The entry is living.
void CacheOperations::set_mark(Place& place, Mark mark) {
    mark.version = place.entry->changed;
    marks(place).set(place.name, mark);
    place.mark = mark;
}

/// A new version, which keeps the marks.
void CacheOperations::touch(Place& place, WallTime expires) {
    const Mark mark = place.mark;
    place.shard.expire(place.name, expires, place.now);
    if (changes_) changes_->touched(place.shard.index(), place.name, expires);
    find(place);
    if (place.entry && mark.is_any()) set_mark(place, mark);
}

std::uint64_t CacheOperations::cas_of(const Place& place) {
    if (place.mark.cas) return *place.mark.cas;
    return static_cast<std::uint64_t>(place.entry->changed.time_since_epoch().count());
}

std::string_view CacheOperations::value_of(Place& place) const {
    if (is_below_zero(*place.entry)) return "0";
    return form_.given(place.entry->value, place.given);
}

Item CacheOperations::item_of(Place& place) const {
    Item item;
    describe(place, item);
    return item;
}

/// `item` is as it was made.
void CacheOperations::describe(Place& place, Item& item) const {
    const cache::EntryView& entry = *place.entry;
    item.value = value_of(place);
    item.flags = entry.flags;
    item.cas = cas_of(place);
    item.expired_before = entry.expires;
    item.expires = entry.expires;
    item.accessed = entry.accessed;
    item.fetched = entry.fetched;
    item.stale = place.mark.stale;
    item.token_sent = place.mark.token_sent;
}

Result CacheOperations::missing(const Place& place) {
    const auto entry = place.shard.find(place.name);
    const bool expired = entry && entry->expires <= place.now && entry->expires != cache::never;
    return {.outcome = Outcome::not_found, .expired = expired};
}

void CacheOperations::fetch(const Fetch& fetch, WallTime now, Receiver& to) {
    flush_if_due(now);
    const MappedKey mapped(fetch.key);
    const std::string_view name = mapped;
    if (!fetch.vivify) {
        Place place(cache_, fetch, name, now);
        return fetch_place(fetch, place, to);
    }
    const auto room = cache_.make_room_for(name, 0, now);
    if (!room) return to.take({.outcome = Outcome::out_of_memory});
    Place place(cache_, fetch, name, now);
    fetch_place(fetch, place, to);
}

void CacheOperations::fetch_place(const Fetch& fetch, Place& place, Receiver& to) {
    if (!place.entry) {
        if (!fetch.vivify) return to.take(missing(place));
        write(place, {}, 0, *fetch.vivify, {.token_sent = true, .cas = fetch.new_cas});
        if (!place.entry) return to.take(missing(place));  // it has expired at once
        Item item = item_of(place);
        item.expired_before = never;
        item.created = item.won = true;
        item.token_sent = false;
        return to.take({.item = item});
    }
    // To copy one that says nothing would cost a tenth of a get: it is read before it is written.
    if (marks(place).size() > 0) place.mark = marks(place).find(place.name, place.entry->changed);
    Result result;
    Item& item = result.item;
    describe(place, item);
    std::string last_value;  // of an item that ends now, and is told of once more
    if (fetch.expires) {
        if (*fetch.expires <= place.now) item.value = last_value = item.value;
        touch(place, *fetch.expires);
        item.expires = *fetch.expires;
        if (place.entry) {
            item.value = value_of(place);
            item.cas = cas_of(place);
        }
    }
    recache(fetch, place, item);
    to.take(result);
}

void CacheOperations::recache(const Fetch& fetch, Place& place, Item& item) {
    if (!place.entry || !wins_token(fetch, item)) return;
    item.won = true;
    Mark mark = place.mark;
    mark.token_sent = true;
    set_mark(place, mark);
}

void CacheOperations::remove(const Remove& remove, WallTime now, Receiver& to) {
    flush_if_due(now);
    const MappedKey mapped(remove.key);
    const std::string_view name = mapped;
    const auto room = cache_.make_room(cache::make_tombstone(name, now), now);
    Place place = lock(name, now);
    find(place);
    if (!place.entry) return to.take(missing(place));
    if (remove.compare && *remove.compare != cas_of(place)) {
        return to.take({.outcome = Outcome::exists});
    }
    if (!remove.invalidate && !remove.remove_value) {
        place.shard.remove(name, now);
        if (changes_) changes_->removed(place.shard.index(), name);
        return to.take({});
    }
    if (remove.remove_value) {
        write(place, {}, remove.flags, remove.expires.value_or(never), {.cas = remove.new_cas});
    }
    if (remove.invalidate && place.entry) {
        touch(place, remove.expires.value_or(place.entry->expires));
        if (place.entry) set_mark(place, {.stale = true, .cas = remove.new_cas});
    }
    to.take({});
}

void CacheOperations::change(const Arithmetic& arithmetic, WallTime now, Receiver& to) {
    flush_if_due(now);
    const MappedKey mapped(arithmetic.key);
    const std::string_view name = mapped;
    const auto room = cache_.make_room_to_add(name, now);
    if (!room) return to.take({.outcome = Outcome::out_of_memory});
    Place place = lock(name, now);
    find(place);
    if (!place.entry && !arithmetic.vivify) return to.take(missing(place));
    Item item;
    const Outcome outcome = change_place(arithmetic, place, item);
    std::string last_value;  // as in fetch_place()
    if (outcome == Outcome::done && arithmetic.expires) {
        if (*arithmetic.expires <= now) item.value = last_value = item.value;
        touch(place, *arithmetic.expires);
        item.expires = *arithmetic.expires;
        if (place.entry) {
            item.value = value_of(place);
            item.cas = cas_of(place);
        }
    }
    to.take({.outcome = outcome, .item = item});
}

Outcome CacheOperations::change_place(const Arithmetic& arithmetic, Place& place, Item& item) {
    if (!place.entry) {
        write(place, std::to_string(arithmetic.initial), 0, *arithmetic.vivify,
              {.cas = arithmetic.new_cas});
        find(place);
        if (!place.entry) return Outcome::not_stored;
        item = item_of(place);
        item.expired_before = never;
        item.created = true;
        return Outcome::done;
    }
    if (arithmetic.compare && *arithmetic.compare != cas_of(place)) return Outcome::exists;
    const auto number = stored_number(value_of(place));
    if (!number) return Outcome::non_numeric;
    change_value(arithmetic, *number, place);
    item = item_of(place);
    return Outcome::done;
}

void CacheOperations::change_value(const Arithmetic& arithmetic, std::uint64_t number,
                                   Place& place) {
    const Changed changed = change_number(number, arithmetic.delta, arithmetic.subtract);
    const std::string text = std::to_string(changed.number);
    Mark mark = place.mark;
    mark.cas = arithmetic.new_cas;
    const bool is_plain = place.entry->value == std::to_string(number);
    const std::uint32_t flags = place.entry->flags;
    const WallTime expires = place.entry->expires;
    if (changed.is_sum && is_plain) {
        const std::string step = std::to_string(arithmetic.delta);
        const auto sum = place.shard.add(place.name, step, arithmetic.subtract, place.now);
        if (sum == text) {
            if (changes_) {
                changes_->added(place.shard.index(), place.name, arithmetic.delta,
                                arithmetic.subtract, sum);
            }
            find(place);
            if (place.entry) set_mark(place, mark);
            return;
        }
    }
    write(place, text, flags, expires, mark);
    find(place);
}

}  // namespace clacks::memcached
