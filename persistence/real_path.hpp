#pragma once

#include <string>

namespace clacks::persistence {

/// The one name of a file that may not be there yet: absolute, without links, a last link that
/// leads nowhere included. What SQLite keeps beside the file stands beside this one. `path` itself
/// if the system does not say.
std::string real_path(const std::string& path);

}  // namespace clacks::persistence
