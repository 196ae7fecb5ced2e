#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

// Durations and sizes as people write them in the configuration. Source: configs/reference.yaml.
namespace clacks::server {

using std::chrono::microseconds;
using std::chrono::milliseconds;

/// `100us 500ms 1.5s 10s 5m 1h 7d`: a decimal number and its unit, a whole number of microseconds.
/// Nothing for any other text, a missing unit included, and for what no one can mean (over 2^63).
std::optional<microseconds> parse_duration(std::string_view text);

/// `64KiB 16MiB 1GiB`, or a number of bytes. Nothing for any other text.
std::optional<std::size_t> parse_size(std::string_view text);

/// The shortest text that parses to the same value: `90s`, `1h`, `64KiB`, `1000`.
std::string format_duration(microseconds duration);
std::string format_size(std::size_t bytes);

}  // namespace clacks::server
