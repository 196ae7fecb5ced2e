#pragma once

#include <chrono>
#include <cstdint>

namespace clacks::memcached {

/// UTC, microseconds since 1970 (the same type as cache::WallTime).
using WallTime = std::chrono::sys_time<std::chrono::microseconds>;

/// When an item without expiry expires.
inline constexpr WallTime never = WallTime::max();

/// What clients write as an expiry: 0 is never, up to 30 days so many seconds from now, beyond that
/// a time of Unix; below 0 the item has expired already. Source: memcached's protocol.txt,
/// "Expiration times".
constexpr WallTime expires_at(std::int64_t exptime, WallTime now) {
    constexpr std::int64_t longest_span = std::int64_t{60} * 60 * 24 * 30;
    constexpr std::int64_t last_second = never.time_since_epoch().count() / 1'000'000;
    if (exptime == 0) return never;
    if (exptime < 0) return now;
    if (exptime <= longest_span) return now + std::chrono::seconds(exptime);
    if (exptime >= last_second) return never;
    return WallTime(std::chrono::seconds(exptime));
}

/// The seconds until then, rounded up; -1 is never.
constexpr std::int64_t seconds_left(WallTime expires, WallTime now) {
    if (expires == never) return -1;
    if (expires <= now) return 0;
    return std::chrono::ceil<std::chrono::seconds>(expires - now).count();
}

}  // namespace clacks::memcached
