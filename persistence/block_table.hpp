#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "cache/cache.hpp"
#include "persistence/block.hpp"
#include "persistence/database.hpp"

// The blocks of a database. Those of a shard are numbered in the order in which they were written,
// and what a later one says of an entry counts. When all that there is of a shard is written anew,
// that is a new generation of its blocks: those of older ones count no more and are removed later,
// in transactions of their own. In the same one SQLite would write to pages again that it has just
// written, and then its COMMIT goes through the whole log.
namespace clacks::persistence {

inline constexpr std::string_view create_block_table =
    "CREATE TABLE block ("
    "id INTEGER PRIMARY KEY, "     // shard, generation, number: see block_table.cpp
    "records INTEGER NOT NULL, "   // so many are in it
    "checksum INTEGER NOT NULL, "  // over all of these
    "bytes BLOB NOT NULL)";

/// A migration from format 3, which knew no generations: all blocks that there are count, unless
/// some shard has had more than a generation holds. Then nothing is taken over.
std::optional<Failure> take_over_blocks(Database& database);

/// Writes blocks, as part of the transaction that is open. Used by one thread at a time; must not
/// outlive its database. Not to be used any more after a failure.
class BlockTable {
public:
    /// Looks up what there is.
    static Result<BlockTable> open(Database& database);

    /// Those that count, of all shards.
    std::uint64_t count() const;
    /// So much of the file is in use for what counts of the shard, in bytes.
    std::uint64_t bytes(unsigned shard) const { return shards_[shard].bytes; }

    /// The shard should be written anew, as there are so many small blocks of it.
    bool has_many(unsigned shard) const;

    bool append(unsigned shard, const Block& block);
    /// What there is of the shard counts no more.
    bool begin_anew(unsigned shard);

    bool has_outdated() const;
    /// Removes some of the blocks that count no more: it takes a millisecond. Not within the
    /// transaction that has made them outdated. After a failure it may be called again.
    bool remove_some_outdated();

private:
    explicit BlockTable(Database& database);
    bool remove(std::int64_t first, std::int64_t last);

    /// Numbers, with their generation.
    struct Shard {
        bool has_outdated() const { return first < begin; }

        std::int64_t first = 0;  ///< before it there is nothing
        std::int64_t begin = 0;  ///< from here on they count
        std::int64_t end = 0;
        std::uint64_t count = 0;
        std::uint64_t bytes = 0;
    };
    std::array<Shard, cache::Cache::shard_count> shards_;
    Statement insert_;
    Statement last_of_some_;
    Statement remove_;
};

/// Reads the blocks of one shard that count, in the order in which they were written.
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
