#pragma once

#include <string>
#include <vector>

#include "clacks/fields.hpp"

namespace clacks::tool {

/// The rows of TREE as a drawing, a line for each node, and the links of the asked node below it.
/// Source: protocol.txt, "TREE".
std::string draw_tree(const std::vector<Fields>& rows);

}  // namespace clacks::tool
