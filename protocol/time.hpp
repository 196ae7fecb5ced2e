#pragma once

#include <boost/system/result.hpp>
#include <chrono>
#include <string>
#include <string_view>

// The two clocks, as two types that do not mix. Nothing here reads a clock: time is passed in.
namespace clacks {

/// What goes on the wire and into entries: UTC, microseconds since 1970.
using WallTime = std::chrono::sys_time<std::chrono::microseconds>;

/// What drives timeouts: monotonic, no relation to the calendar.
using MonoTime = std::chrono::steady_clock::time_point;

/// The present, read once per turn by whoever owns the sockets.
struct Now {
    WallTime wall{};
    MonoTime mono{};
};

namespace protocol {

/// The end of the year 9999: no time on the wire is later.
inline constexpr WallTime latest_time{std::chrono::microseconds(253'402'300'799'999'999)};

/// Appends `seconds.microseconds` since 1970, six decimals: what KEYSYNC and OVERHEAD T carry.
/// 1970 itself is a bare `0`, the access time of a deleted entry. What lies before 1970 or after
/// the year 9999 becomes the nearest time that parse_time reads.
void format_time(WallTime time, std::string& out);

/// Reads decimal epoch seconds with any number of decimals (beyond six they are cut).
/// Not a plain decimal number, negative, or beyond the year 9999: ParseError::malformed.
boost::system::result<WallTime> parse_time(std::string_view text);

}  // namespace protocol
}  // namespace clacks
