#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "persistence/events.hpp"
#include "persistence/failure.hpp"

namespace clacks::persistence {

using MoveTime = std::chrono::system_clock::time_point;

/// A file that stands where the node's database is to be, and is not to be used.
struct UnwantedFile {
    const std::string& path;
    std::string_view why;
    std::string_view next;  ///< what is done when it is out of the way
    /// When three were moved aside within such a time no more are: a disk that damages every file
    /// would fill with them.
    std::chrono::hours pause{0};
    bool is_ours = true;  ///< it is the node's own, and damaged; else others have put it there
    bool has_log = true;  ///< the log beside it belongs to it
};

/// Renames the file, if there is one, with what SQLite keeps beside it to
/// `NAME.damaged-20261120T182203Z`, or to `NAME.foreign-20261120T182203Z`, and tells so. Nothing is
/// deleted, and all of it goes there or nothing. A log that is not its own goes to
/// `NAME.replaced-20261120T182203Z-wal`: SQLite would take it over into the file. Nobody may have
/// it open.
std::optional<Failure> put_aside(const UnwantedFile& file, MoveTime now, const Tell& tell);

/// Whether the log that stands beside a file may be its own: before a database gets one its header
/// says so, and it has something in it. What cannot be read may be anything.
bool may_have_log(const std::string& path);

/// A log that stands beside a database, but belongs to another, which stood there when it was
/// written, would be taken over into this one: SQLite does not see the difference. Where it can be
/// seen, with a file that has never had a log (as a backup) or has nothing in it, the log is
/// renamed to `NAME.replaced-20261120T182203Z-wal`, and that is told. `is_known`: that it belongs
/// to another.
std::optional<Failure> put_foreign_log_aside(const std::string& path, MoveTime now,
                                             const Tell& tell, bool is_known = false);

}  // namespace clacks::persistence
