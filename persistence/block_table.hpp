#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "cache/cache.hpp"
#include "persistence/block.hpp"
#include "persistence/database.hpp"

// The blocks of a database. Those of a shard are numbered in the order in which they were written,
// and what a later one says of an entry counts.
namespace clacks::persistence {

inline constexpr std::string_view create_block_table =
    "CREATE TABLE block ("
    "id INTEGER PRIMARY KEY, "     // the shard, and the number in it: see block_table.cpp
    "records INTEGER NOT NULL, "   // so many are in it
    "checksum INTEGER NOT NULL, "  // over all of these
    "bytes BLOB NOT NULL)";

/// Writes blocks, as part of the transaction that is open. Used by one thread at a time; must not
/// outlive its database. Not to be used any more after a failure.
class BlockTable {
public:
    /// Looks up what there is.
    static Result<BlockTable> open(Database& database);

    /// Of all shards.
    std::uint64_t count() const { return count_; }
    /// So much of the file is in use for the shard, in bytes.
    std::uint64_t bytes(unsigned shard) const { return shards_[shard].bytes; }

    bool append(unsigned shard, const Block& block);
    /// Removes some of the blocks of a shard, the oldest first: it takes a millisecond. Returns
    /// false after a failure.
    bool remove_some(unsigned shard);
    bool is_empty(unsigned shard) const { return shards_[shard].first == shards_[shard].end; }

private:
    explicit BlockTable(Database& database);

    struct Shard {
        std::int64_t first = 0;  ///< number
        std::int64_t end = 0;
        std::uint64_t bytes = 0;
    };
    std::array<Shard, cache::Cache::shard_count> shards_;
    std::uint64_t count_ = 0;
    Statement insert_;
    Statement measure_;
    Statement remove_;
};

/// Reads the blocks of one shard in the order in which they were written.
class BlockRows {
public:
    BlockRows(Database& database, unsigned shard);

    enum class Step : std::uint8_t {
        block,
        done,
        damaged,  ///< it is not what was written
        failed,   ///< the database says why
    };
    Step step();
    /// Valid until the next step.
    std::string_view bytes() const { return bytes_; }
    std::uint64_t records() const { return records_; }

private:
    Statement row_;
    std::string_view bytes_;
    std::uint64_t records_ = 0;
};

}  // namespace clacks::persistence
