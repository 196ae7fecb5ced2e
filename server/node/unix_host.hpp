#pragma once

#include <string_view>

namespace clacks::node {

/// The host of a peer on a unix socket, as Net::Clacks calls it.
inline constexpr std::string_view unix_host = "unixdomainsocket";

}  // namespace clacks::node
