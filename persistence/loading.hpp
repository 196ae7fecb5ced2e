#pragma once

#include <optional>
#include <string>

#include "cache/cache.hpp"
#include "persistence/database.hpp"

namespace clacks::persistence {

/// Puts all entries of the database at `path` back into `cache`, which is empty, as last accessed
/// at `now`, and finds out whether the file is whole; on every processor there is. After a failure
/// the cache is of no use. `mode`: how to open the file.
std::optional<Failure> load(const std::string& path, Database::Mode mode, cache::Cache& cache,
                            cache::WallTime now);

}  // namespace clacks::persistence
