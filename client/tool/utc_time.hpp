#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "protocol/time.hpp"

namespace clacks::tool {

/// `2026-11-20T18:22:03.123456Z`: ISO 8601 in UTC.
std::string format_utc(WallTime time);

/// The inverse; the fraction may be missing, or have other than six digits. Nothing for all else,
/// for a day that there is not, and for what lies before 1970.
std::optional<WallTime> parse_utc(std::string_view text);

}  // namespace clacks::tool
