#pragma once

#include <cstddef>

namespace clacks::server {

/// Raises the number of files this process may have open as far as it is allowed to; each
/// connection is one. Returns how many that is now.
std::size_t raise_file_limit();

}  // namespace clacks::server
