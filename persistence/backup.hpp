#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "persistence/database.hpp"

namespace clacks::persistence {

struct BackupRequest {
    std::string database;  ///< of a node, which may be running
    std::string file;      ///< is there, and empty: whoever made it decides who may read it
    std::string id = {};   ///< of the node whose database it must be; empty: of any
};

struct BackupReport {
    std::uint64_t entries = 0;  ///< tombstones included
    std::uint64_t bytes = 0;
};

/// Called now and then with how much is done.
using BackupProgress = std::function<void(std::uint64_t bytes, std::uint64_t all_bytes)>;

/// Copies a database as it is at one moment, whoever writes to it meanwhile; the original is not
/// written to. A node that begins with the copy is a new one with the same content, even if it was
/// put in the original's place. All entries in it have been read again. It is not on the disk
/// before somebody sees to that; after a failure it is of no use.
Result<BackupReport> backup(const BackupRequest& request, const BackupProgress& progress);

}  // namespace clacks::persistence
