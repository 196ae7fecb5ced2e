#include "protocol/login_delay.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <system_error>

namespace clacks::protocol {
namespace {

constexpr std::string_view code = "login_delayed";
constexpr std::string_view field = " seconds=";

}  // namespace

std::string format_login_delay(std::chrono::seconds wait, std::string_view why) {
    const auto seconds = std::max<std::int64_t>(wait.count(), 1);
    return std::string(code)
        .append(field)
        .append(std::to_string(seconds))
        .append(" (")
        .append(why)
        .append(")");
}

std::optional<std::chrono::seconds> parse_login_delay(std::string_view value) {
    constexpr std::uint64_t longest = 600;
    if (!value.starts_with(code)) return std::nullopt;
    value.remove_prefix(code.size());
    if (!value.empty() && value.front() != ' ') return std::nullopt;
    std::uint64_t seconds = 1;
    if (value.starts_with(field)) {
        value.remove_prefix(field.size());
        const auto end = value.data() + value.size();
        const auto read = std::from_chars(value.data(), end, seconds);
        if (read.ec == std::errc::result_out_of_range) seconds = longest;
    }
    return std::chrono::seconds(std::clamp<std::uint64_t>(seconds, 1, longest));
}

}  // namespace clacks::protocol
