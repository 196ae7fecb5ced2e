#pragma once

#include <string>

namespace clacks::tool {

/// Throws Failure (usage) if no node takes it for KEYLIST or MONITOR. Source: protocol.txt,
/// "Patterns".
void check_pattern(const std::string& pattern);

/// Whether a node that listens to it takes a star in it for a character like others, because it
/// is not alone in its level.
bool has_plain_star(const std::string& name);

}  // namespace clacks::tool
