#pragma once

#include <chrono>
#include <string>

namespace clacks::tool {

/// A span as the configuration writes it: `500ms 1.5s 10s 5m 1h 7d`; a bare number is seconds.
/// Throws Failure (usage), also for what is not above 0.
std::chrono::microseconds parse_duration(const std::string& text);

}  // namespace clacks::tool
