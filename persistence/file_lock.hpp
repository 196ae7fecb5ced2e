#pragma once

#include <optional>
#include <string>

#include "persistence/failure.hpp"

namespace clacks::persistence {

/// Keeps other nodes away from a database, as long as it exists: a lock of the system on a file
/// beside it, which ends with the process. (Not on the database itself: closing any descriptor of
/// that would end SQLite's own locks.)
class FileLock {
public:
    FileLock() = default;
    ~FileLock();
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;

    /// Fails if another process has it, by whatever name, or if nobody can tell: the lock's file is
    /// there and cannot be opened, or the disk knows no locks. Where no file can be made nobody can
    /// write either, and it does not.
    std::optional<Failure> take(const std::string& database);

    /// After take(), for the same database: takes it again if its file is not there any more, which
    /// nobody else would find either. Fails as take() does.
    std::optional<Failure> renew();

private:
    std::optional<Failure> open_and_lock();
    bool in_place() const;

    int file_ = -1;
    std::string path_;  ///< of the lock's file
};

}  // namespace clacks::persistence
