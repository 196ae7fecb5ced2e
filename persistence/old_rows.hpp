#pragma once

#include <optional>

#include "persistence/database.hpp"

namespace clacks::persistence {

/// Takes over what formats 1 and 2 have: a row for each entry, in the table `entry`. Writes blocks
/// and drops the table, as part of the transaction that is open.
std::optional<Failure> take_over_rows(Database& database);

}  // namespace clacks::persistence
