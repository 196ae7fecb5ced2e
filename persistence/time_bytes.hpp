#pragma once

#include <cstdint>
#include <string>

#include "cache/entry.hpp"
#include "persistence/bytes.hpp"

// Times as bytes: microseconds since 1970.
namespace clacks::persistence {

inline void put_time(std::string& bytes, cache::WallTime time) {
    put(bytes, static_cast<std::uint64_t>(time.time_since_epoch().count()));
}

inline cache::WallTime read_time(ByteReader& bytes) {
    return cache::WallTime(std::chrono::microseconds(static_cast<std::int64_t>(bytes.number())));
}

}  // namespace clacks::persistence
