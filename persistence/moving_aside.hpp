#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "persistence/database.hpp"
#include "persistence/events.hpp"

namespace clacks::persistence {

using MoveTime = std::chrono::system_clock::time_point;

/// Renames a database and what SQLite keeps beside it to `NAME.damaged-20261120T182203Z`, so that
/// it can be looked at; nothing is deleted. Returns the new name. All of it goes there or nothing.
/// Nobody may have it open.
Result<std::string> move_aside(const std::string& path, MoveTime now);

/// A database that is not to be used.
struct DamagedFile {
    const std::string& path;
    std::string_view why;
    std::string_view next;  ///< what is done when it is out of the way
    /// For so long after one of that name was moved aside no other is: a disk on which every file
    /// is soon damaged would fill with them.
    std::chrono::hours pause{0};
};

/// Moves it aside and tells so, if there is a file.
std::optional<Failure> put_aside(const DamagedFile& file, MoveTime now, const Tell& tell);

/// Whether the log that stands beside a file may be its own: before a database gets one its header
/// says so, and it has something in it. What cannot be read may be anything.
bool may_have_log(const std::string& path);

/// A log that stands beside a database, but belongs to another, which stood there when it was
/// written, would be taken over into this one: SQLite does not see the difference. Where it can be
/// seen, with a file that has never had a log (as a backup) or has nothing in it, the log is
/// renamed to `NAME.replaced-20261120T182203Z-wal`, and that is told.
std::optional<Failure> put_foreign_log_aside(const std::string& path, MoveTime now,
                                             const Tell& tell);

/// Of a node that runs, and has none of it open: the file that others have put in the place of its
/// database is renamed to `NAME.foreign-20261120T182203Z`, and the log, which was the database's,
/// to `NAME.replaced-20261120T182203Z-wal`. That is told.
std::optional<Failure> put_replacement_aside(const std::string& path, MoveTime now,
                                             const Tell& tell);

}  // namespace clacks::persistence
