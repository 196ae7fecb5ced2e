#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace clacks::protocol {

/// The value of the OVERHEAD E with which a login is turned away unheard. `wait` is at least a
/// second. protocol.txt, 19.18.
std::string format_login_delay(std::chrono::seconds wait, std::string_view why);

/// How long whoever is told this `value` has to wait before the next login, 1 s to 10 min whatever
/// it says: a node that asks for a year must not lose its slaves. Nothing: it says something else.
std::optional<std::chrono::seconds> parse_login_delay(std::string_view value);

}  // namespace clacks::protocol
