#pragma once

#include <string>

namespace clacks::persistence {

/// Makes a database as an older clacksd has left it, in format 1 or 2: the entries "counted",
/// "later", "empty", the tombstone "gone", and, in format 2, "flagged".
void make_old_database(const std::string& database, int format);

}  // namespace clacks::persistence
