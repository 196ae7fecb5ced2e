#pragma once

#include <chrono>
#include <string>

#include "persistence/database.hpp"

namespace clacks::persistence {

/// Renames a database and what SQLite keeps beside it to `NAME.damaged-20261120T182203Z`, so that
/// it can be looked at; nothing is deleted. Returns the new name. Nobody may have it open.
Result<std::string> move_aside(const std::string& path, std::chrono::system_clock::time_point now);

}  // namespace clacks::persistence
