#pragma once

#include <set>
#include <string>
#include <string_view>

#include "protocol/command.hpp"

namespace clacks::detail {

/// What a node offers beyond Net::Clacks, one word each. Source: protocol.txt, "FEATURES".
using Features = std::set<std::string, std::less<>>;

/// The text of FEATURES.
Features parse_features(std::string_view text);

/// The word of FEATURES without which a node does not understand this line as it is meant. Empty:
/// every node does.
std::string_view needed_feature(const protocol::Command& command);

}  // namespace clacks::detail
