#include "protocol/time.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <iterator>

#include "protocol/error.hpp"

namespace clacks::protocol {
namespace {

constexpr std::int64_t microseconds_per_second = 1'000'000;
constexpr std::int64_t last_second = 253'402'300'799;  // 9999-12-31T23:59:59
constexpr std::int64_t last_microsecond = latest_time.time_since_epoch().count();
static_assert(last_microsecond / microseconds_per_second == last_second);

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

void format_time(WallTime time, std::string& out) {
    const std::int64_t total =
        std::clamp<std::int64_t>(time.time_since_epoch().count(), 0, last_microsecond);
    if (total == 0) {
        out += '0';
        return;
    }
    std::array<char, 12 + 1 + 6> text;
    char* const point =
        std::to_chars(text.begin(), text.end(), total / microseconds_per_second).ptr;
    char* const end = point + 1 + 6;
    *point = '.';
    auto decimals = total % microseconds_per_second;
    for (char* at = end; at != point + 1; decimals /= 10) {
        *--at = static_cast<char>('0' + decimals % 10);
    }
    out.append(text.begin(), end);
}

boost::system::result<WallTime> parse_time(std::string_view text) {
    const std::size_t point = std::min(text.find('.'), text.size());
    const std::string_view whole = text.substr(0, point);
    const std::string_view decimals = text.substr(std::min(point + 1, text.size()));
    const bool bare_point = point != text.size() && decimals.empty();
    if (whole.empty() || bare_point || !std::all_of(decimals.begin(), decimals.end(), is_digit)) {
        return ParseError::malformed;
    }
    std::int64_t seconds = 0;
    for (const char c : whole) {
        if (!is_digit(c)) return ParseError::malformed;
        seconds = seconds * 10 + (c - '0');
        if (seconds > last_second) return ParseError::malformed;
    }
    // Digit by digit: through a double, microseconds would come back off by one.
    std::int64_t microseconds = 0;
    for (std::size_t i = 0; i < 6; ++i) {
        microseconds = microseconds * 10 + (i < decimals.size() ? decimals[i] - '0' : 0);
    }
    return WallTime(std::chrono::microseconds(seconds * microseconds_per_second + microseconds));
}

}  // namespace clacks::protocol
