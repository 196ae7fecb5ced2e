#pragma once

#include <string>

namespace clacks::tool {

/// Throws Failure (usage) if `text` is no YAML, or YAML of a single value: only mappings and lists
/// are stored as structures. Source: protocol.txt, "Values".
void check_yaml(const std::string& text);

}  // namespace clacks::tool
