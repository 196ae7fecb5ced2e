#include "client/tool/utc_time.hpp"

#include <chrono>
#include <cstdio>

namespace clacks::tool {
namespace {

using namespace std::chrono;

/// Takes `digits` digits and, if there is one to take, the character behind them.
bool take_number(std::string_view& text, std::size_t digits, char behind, int& number) {
    if (text.size() <= digits || text[digits] != behind) return false;
    number = 0;
    for (const char c : text.substr(0, digits)) {
        if (c < '0' || c > '9') return false;
        number = number * 10 + (c - '0');
    }
    text.remove_prefix(digits + 1);
    return true;
}

/// `.123456Z` or `Z`, with the seconds before the point taken already.
std::optional<microseconds> fraction(std::string_view text) {
    std::int64_t value = 0;
    std::int64_t weight = 100'000;
    for (const char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        value += (c - '0') * weight;
        weight /= 10;
    }
    return microseconds(value);
}

}  // namespace

std::string format_utc(WallTime time) {
    const auto day = floor<days>(time);
    const year_month_day date(day);
    const hh_mm_ss clock(time - day);
    char text[48];
    std::snprintf(
        text, sizeof text, "%04d-%02u-%02uT%02ld:%02ld:%02ld.%06ldZ", static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
        static_cast<long>(clock.hours().count()), static_cast<long>(clock.minutes().count()),
        static_cast<long>(clock.seconds().count()), static_cast<long>(clock.subseconds().count()));
    return text;
}

std::optional<WallTime> parse_utc(std::string_view text) {
    if (!text.ends_with('Z')) return std::nullopt;
    std::string_view decimals;
    std::string whole(text);
    if (const auto point = text.find('.'); point != text.npos) {
        decimals = text.substr(point + 1, text.size() - point - 2);
        if (decimals.empty()) return std::nullopt;
        whole = std::string(text.substr(0, point)) + 'Z';
    }
    std::string_view rest = whole;
    int y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0;
    const bool formed = take_number(rest, 4, '-', y) && take_number(rest, 2, '-', mo) &&
                        take_number(rest, 2, 'T', d) && take_number(rest, 2, ':', h) &&
                        take_number(rest, 2, ':', mi) && take_number(rest, 2, 'Z', s) &&
                        rest.empty();
    const year_month_day date{year(y), month(static_cast<unsigned>(mo)),
                              day(static_cast<unsigned>(d))};
    const auto part = fraction(decimals);
    if (!formed || !part || !date.ok() || y < 1970 || h > 23 || mi > 59 || s > 59)
        return std::nullopt;
    return WallTime(sys_days(date) + hours(h) + minutes(mi) + seconds(s) + *part);
}

}  // namespace clacks::tool
