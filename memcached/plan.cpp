#include "memcached/plan.hpp"

namespace clacks::memcached {
namespace {

using Mode = Store::Mode;

StorePlan plan_new(const Store& store) {
    const StorePlan plan{.flags = store.flags, .expires = store.expires};
    switch (store.mode) {
        case Mode::cas:
            return {.outcome = Outcome::not_found};
        case Mode::replace:
            return {.outcome = Outcome::not_stored};
        case Mode::append:
        case Mode::prepend:
            if (!store.vivify) return {.outcome = Outcome::not_stored};
            return {.flags = store.flags, .expires = *store.vivify};
        default:
            return plan;
    }
}

/// On a larger version too, if that is accepted; but then it is for the next reader to renew it.
StorePlan plan_cas(const Store& store, const Item& old) {
    if (store.compare == old.cas) return {.flags = store.flags, .expires = store.expires};
    const bool is_older = store.compare && *store.compare != 0 && *store.compare < old.cas;
    if (!store.accepts_older || !is_older) return {.outcome = Outcome::exists};
    return {
        .flags = store.flags, .expires = old.expires, .stale = true, .token_sent = old.token_sent};
}

}  // namespace

StorePlan plan_store(const Store& store, const Item* old) {
    if (!old) return plan_new(store);
    switch (store.mode) {
        case Mode::add:
            return {.outcome = Outcome::not_stored};
        case Mode::cas:
            return plan_cas(store, *old);
        case Mode::append:
        case Mode::prepend:
            if (store.compare && *store.compare != old->cas) return {.outcome = Outcome::exists};
            return {.joins = true, .flags = old->flags, .expires = old->expires};
        default:
            return {.flags = store.flags, .expires = store.expires};
    }
}

std::string join(const Store& store, std::string_view old_value) {
    const bool behind = store.mode == Mode::append;
    std::string value;
    value.reserve(old_value.size() + store.value.size());
    value.append(behind ? old_value : store.value).append(behind ? store.value : old_value);
    return value;
}

bool wins_token(const Fetch& fetch, const Item& item) {
    if (!fetch.recaches || item.token_sent) return false;
    return item.stale || (fetch.recache && item.expires != never && item.expires < *fetch.recache);
}

}  // namespace clacks::memcached
