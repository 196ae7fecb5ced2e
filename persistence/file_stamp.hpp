#pragma once

#include <cstdint>
#include <string>

#include "persistence/failure.hpp"

namespace clacks::persistence {

/// What stands under a name: which file that is, and what tells that it was written to.
struct FileStamp {
    std::uint64_t number = 0;  ///< on its disk; 0: there is no file
    std::int64_t bytes = 0;
    std::int64_t modified_seconds = 0;
    std::int64_t modified_nanoseconds = 0;

    bool is_there() const { return number != 0; }
    bool is_same_file(const FileStamp& other) const { return number == other.number; }
    bool operator==(const FileStamp&) const = default;
};

/// A link is what stands there itself. Fails if the system does not say, or where there is no
/// directory for it: whatever was in that may come back.
Result<FileStamp> stamp_of(const std::string& path);

/// A database as a node has found it at its start.
struct FoundFile {
    std::string id;  ///< whose state it has; empty: it is new
    FileStamp stamp{};
    FileStamp log{};
};

}  // namespace clacks::persistence
