#include "persistence/old_rows.hpp"

#include <string>

#include "cache/hash.hpp"
#include "persistence/block_table.hpp"
#include "persistence/counter_bytes.hpp"
#include "persistence/time_bytes.hpp"

namespace clacks::persistence {
namespace {

/// In the order of `old_columns`.
struct Old {
    enum Column : int {
        shard,
        key,
        sequence,
        changed,
        writer,
        expires,
        deleted,
        value,
        counter,
        checksum,
        flags
    };
};

constexpr std::string_view old_columns =
    "shard, key, sequence, changed, writer, expires, deleted, value, counter, checksum, flags";

cache::WallTime old_time_of(std::int64_t number) {
    return cache::WallTime(std::chrono::microseconds(number));
}

std::int64_t old_checksum(std::uint64_t in_shard, const cache::EntryView& entry,
                          std::string_view counted) {
    std::string bytes;
    put(bytes, in_shard);
    put(bytes, entry.key);
    put(bytes, entry.sequence);
    put_time(bytes, entry.changed);
    put(bytes, entry.writer);
    put_time(bytes, entry.expires);
    put(bytes, entry.deleted ? 1U : 0U);
    put(bytes, entry.value);
    put(bytes, counted);
    if (entry.flags != 0) put(bytes, entry.flags);  // which rows of format 1 did not have
    return static_cast<std::uint32_t>(cache::hash(bytes, cache::HashKey{}));
}

/// Adds what a row has. False: it is not what was written.
bool add_row(const Statement& row, Block& block) {
    cache::EntryView entry;
    entry.key = row.bytes(Old::key);
    entry.sequence = static_cast<cache::Sequence>(row.integer(Old::sequence));
    entry.changed = old_time_of(row.integer(Old::changed));
    entry.writer = static_cast<cache::Writer>(row.integer(Old::writer));
    if (!row.is_null(Old::expires)) entry.expires = old_time_of(row.integer(Old::expires));
    entry.deleted = row.integer(Old::deleted) != 0;
    entry.value = row.bytes(Old::value);
    entry.flags = static_cast<std::uint32_t>(row.integer(Old::flags));
    const std::string_view counted = row.bytes(Old::counter);
    const auto in_shard = static_cast<std::uint64_t>(row.integer(Old::shard));
    if (row.integer(Old::checksum) != old_checksum(in_shard, entry, counted)) return false;
    cache::Counter read;
    if (!counted.empty()) {
        if (!parse_counter(counted, read)) return false;
        entry.counter = &read;
    }
    block.add(entry);
    return true;
}

}  // namespace

std::optional<Failure> take_over_rows(Database& database) {
    if (auto failure = database.run(std::string(create_block_table))) return failure;
    auto table = BlockTable::open(database);
    if (!table) return table.error();
    auto row =
        database.prepare("SELECT " + std::string(old_columns) + " FROM entry ORDER BY shard");
    Block block;
    unsigned in_shard = 0;
    const auto write = [&] {
        const bool well = block.is_empty() || table->append(in_shard, block);
        block.clear();
        return well;
    };
    auto step = row.step();
    for (; step == Statement::Step::row; step = row.step()) {
        const std::int64_t found = row.integer(Old::shard);
        if (found < 0 || found >= cache::Cache::shard_count)
            return Failure{Failure::Kind::damaged, "an entry is of no shard"};
        const bool is_next = found != in_shard || block.is_full();
        if (is_next && !write()) return database.failure();
        in_shard = static_cast<unsigned>(found);
        if (!add_row(row, block))
            return Failure{Failure::Kind::damaged, "an entry is not what was written"};
    }
    if (step == Statement::Step::failed || !write()) return database.failure();
    row.reset();
    return database.run("DROP TABLE entry");
}

}  // namespace clacks::persistence
