#include "client/tool/duration.hpp"

#include <charconv>
#include <string_view>

#include "client/tool/failure.hpp"

namespace clacks::tool {
namespace {

/// Seconds in a unit; 0 for what is none.
double seconds_in(std::string_view unit) {
    if (unit == "ms") return 0.001;
    if (unit == "s" || unit.empty()) return 1;
    if (unit == "m") return 60;
    if (unit == "h") return 3600;
    if (unit == "d") return 86400;
    return 0;
}

}  // namespace

std::chrono::microseconds parse_duration(const std::string& text) {
    constexpr double longest_seconds = 100.0 * 365 * 86400;
    double number = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number, std::chars_format::fixed);
    const double seconds =
        error == std::errc() ? number * seconds_in(std::string_view(rest, end)) : 0;
    const auto span = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::duration<double>(seconds > 0 && seconds <= longest_seconds ? seconds : 0));
    if (span.count() == 0)
        throw Failure(ExitCode::usage, "'" + text +
                                           "' is no span of time (allowed: a number above 0 and "
                                           "ms, s, m, h or d; at most 100 years)");
    return span;
}

}  // namespace clacks::tool
