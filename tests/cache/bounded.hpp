#pragma once

#include <string>
#include <string_view>

#include "cache/cache.hpp"
#include "state.hpp"

// Writes as a node makes them: not without room.
namespace clacks::cache {

inline Room::Refused put(Cache& cache, std::string_view key, std::string_view value, long now,
                         WallTime expires = never) {
    const Room room = cache.make_room({.key = key, .value = value}, at(now));
    if (room) cache.lock(key).store(key, value, at(now), local_origin, expires);
    return room.refused();
}

inline void put_tombstone(Cache& cache, std::string_view key, long now) {
    const Room room = cache.make_room(make_tombstone(key, at(now)), at(now));
    cache.lock(key).remove(key, at(now));
}

inline Room::Refused increment(Cache& cache, std::string_view key, long now) {
    const Room room = cache.make_room_to_add(key, at(now));
    if (room) cache.lock(key).add(key, "1", false, at(now));
    return room.refused();
}

/// Whether the key is there; a use of it.
inline bool get(Cache& cache, std::string_view key, long now) {
    return cache.lock(key).retrieve(key, at(now)).has_value();
}

inline std::string numbered(std::string_view name, long number) {
    return std::string(name) + std::to_string(number);
}

}  // namespace clacks::cache
