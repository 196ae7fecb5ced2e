#pragma once

#include <boost/system/result.hpp>
#include <chrono>
#include <string>
#include <string_view>

#include "clacks/monitor_filter.hpp"

// What a line can carry between its verb and its value.
namespace clacks::detail {

/// A name, key or client id.
bool is_name(std::string_view text);
/// A name without comma: what stands before a name.
bool is_version(std::string_view text);
/// A finite decimal number.
bool is_step(std::string_view text);
/// What KEYLIST and MONITOR take.
bool is_pattern(std::string_view text);

/// What stands behind MONITOR. Errc::invalid_query, invalid_name for what no node takes.
boost::system::result<std::string> conditions(const MonitorFilter& filter);

/// Decimal seconds with six decimals.
std::string seconds(std::chrono::microseconds span);

}  // namespace clacks::detail
