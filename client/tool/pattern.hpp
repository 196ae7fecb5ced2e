#pragma once

#include <string>

namespace clacks::tool {

/// Throws Failure (usage) if no node takes it for KEYLIST or MONITOR. Source: protocol.txt,
/// "Patterns".
void check_pattern(const std::string& pattern);

}  // namespace clacks::tool
