#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "memcached/operations.hpp"

// What memcached's conditions come to, for whoever keeps the items.
namespace clacks::memcached {

/// What is to be written, if the outcome is done.
struct StorePlan {
    Outcome outcome = Outcome::done;
    bool joins = false;  ///< the old value and the new one, see join()
    std::uint32_t flags = 0;
    WallTime expires = never;
    bool stale = false;
    bool token_sent = false;
};

/// `old`: the living item; nullptr: there is none. Of set and nothing to compare with it is not
/// asked for.
StorePlan plan_store(const Store& store, const Item* old);

std::string join(const Store& store, std::string_view old_value);

/// Of all who see that an item is stale, or soon will have expired, one is told to make it anew:
/// whether this is the one. `item` is as it was found, with the expiry that it has now.
bool wins_token(const Fetch& fetch, const Item& item);

}  // namespace clacks::memcached
