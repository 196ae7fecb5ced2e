#pragma once

#include <cstdint>

#include "persistence/database.hpp"

namespace clacks::persistence {

/// Reads everything that a node would read at its start, and counts the entries. Fails if that is
/// not what was written, in so many `blocks`. A million entries take about a second.
Result<std::uint64_t> check_entries(Database& database, std::uint64_t blocks);

}  // namespace clacks::persistence
