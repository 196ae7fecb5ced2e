#include "persistence/checking.hpp"

#include <boost/unordered/unordered_flat_set.hpp>

#include "persistence/block_table.hpp"
#include "persistence/store_file.hpp"

namespace clacks::persistence {
namespace {

constexpr const char* not_as_written = "entries are not what was written";

/// Reads what a node would read at its start of one shard.
Result<std::uint64_t> count_entries(Database& database, unsigned shard, std::uint64_t& blocks) {
    // Of two keys with the same hash one is not counted: that happens to nobody.
    boost::unordered_flat_set<std::uint64_t> keys;
    BlockRows rows(database, shard);
    auto step = rows.step();
    for (; step == BlockRows::Step::block; step = rows.step(), ++blocks) {
        BlockReader reader(rows.bytes(), false);
        std::uint64_t records = 0;
        for (auto record = reader.next(); record; record = reader.next(), ++records) {
            const auto key = cache::hash(record->entry.key, cache::HashKey{});
            if (record->is_forgotten) {
                keys.erase(key);
            } else {
                keys.insert(key);
            }
        }
        if (reader.failed() || records != rows.records())
            return Failure{Failure::Kind::damaged, not_as_written};
    }
    if (step == BlockRows::Step::failed) return database.failure();
    if (step == BlockRows::Step::damaged) return Failure{Failure::Kind::damaged, not_as_written};
    return keys.size();
}

}  // namespace

Result<std::uint64_t> check_entries(Database& database, std::uint64_t blocks) {
    if (auto failure = StoreFile::check(database)) return *failure;
    std::uint64_t entries = 0;
    std::uint64_t found = 0;
    for (unsigned shard = 0; shard < cache::Cache::shard_count; ++shard) {
        const auto counted = count_entries(database, shard, found);
        if (!counted) return counted.error();
        entries += *counted;
    }
    if (found != blocks) return Failure{Failure::Kind::damaged, "entries are missing"};
    return entries;
}

}  // namespace clacks::persistence
