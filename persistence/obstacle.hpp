#pragma once

#include <string>

namespace clacks::persistence {

/// Why this process cannot write to that file, or make it: its directory, or its rights. Empty: as
/// far as the system says it can. `path`: its real_path().
std::string obstacle_to_writing(const std::string& path);

}  // namespace clacks::persistence
