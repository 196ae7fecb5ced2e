#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cache/cache.hpp"
#include "persistence/database.hpp"

// An entry as a row of the table `entry`.
namespace clacks::persistence {

/// The columns, in the order in which they are bound and read.
inline constexpr std::string_view entry_columns =
    "shard, key, sequence, changed, writer, expires, deleted, value, counter, checksum, "
    "flags";

inline constexpr std::string_view create_entry_table =
    "CREATE TABLE entry ("
    "shard INTEGER NOT NULL, "     // where the store has it
    "key BLOB NOT NULL, "          //
    "sequence INTEGER NOT NULL, "  // the number of its last change
    "changed INTEGER NOT NULL, "   // microseconds since 1970, as all times
    "writer INTEGER NOT NULL, "    //
    "expires INTEGER, "            // NULL: never
    "deleted INTEGER NOT NULL, "   // 1: a tombstone
    "value BLOB NOT NULL, "        //
    "counter BLOB, "               // the parts of what is incremented
    "checksum INTEGER NOT NULL, "  // over all of these
    "flags INTEGER NOT NULL DEFAULT 0, "
    "PRIMARY KEY (shard, key)) WITHOUT ROWID";

/// A copy of an entry that outlives the lock of its shard.
struct SavedEntry {
    std::string key;
    std::string value;
    std::string counter;  ///< empty: it is not incremented
    cache::Sequence sequence = 0;
    cache::WallTime changed{};
    cache::WallTime expires = cache::never;
    cache::Writer writer = 0;
    std::uint32_t flags = 0;
    bool deleted = false;

    explicit SavedEntry(const cache::EntryView& entry);
};

/// Binds what `INSERT INTO entry (entry_columns) VALUES (…)` takes. `entry` must outlive the run.
void bind_entry(Statement& insert, unsigned shard, const SavedEntry& entry, std::string& scratch);

/// Reads rows. What is returned is valid until the next one.
class EntryReader {
public:
    /// `goes_on`: whoever reads goes on counting where the writer had stopped.
    explicit EntryReader(bool goes_on) : goes_on_(goes_on) {}

    /// Nothing: the row is not what was written.
    std::optional<cache::EntryView> read(const Statement& row);

private:
    const bool goes_on_;
    cache::Counter counter_;
    std::string scratch_;
};

/// The parts of a counter as bytes, and back; nothing if they are no such bytes.
std::string format_counter(const cache::Counter& counter);
bool parse_counter(std::string_view bytes, cache::Counter& counter);

}  // namespace clacks::persistence
