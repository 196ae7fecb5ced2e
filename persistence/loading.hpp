#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cache/cache.hpp"
#include "persistence/database.hpp"

namespace clacks::persistence {

/// How to read a database.
struct LoadSettings {
    std::string path;
    Database::Mode mode = Database::Mode::read;
    cache::WallTime now{};     ///< when everything counts as last accessed
    bool goes_on = false;      ///< nothing has happened since the node that wrote it was stopped
    std::uint64_t blocks = 0;  ///< that must be there
};

/// Puts all entries of a database back into `cache`, which is empty, and finds out whether the file
/// is whole; on every processor there is. After a failure the cache is of no use.
std::optional<Failure> load(const LoadSettings& settings, cache::Cache& cache);

}  // namespace clacks::persistence
