#include "persistence/block_table.hpp"

#include <algorithm>

#include "cache/hash.hpp"

namespace clacks::persistence {
namespace {

/// No node writes so many of one shard.
constexpr unsigned number_bits = 48;
constexpr std::int64_t numbers = std::int64_t{1} << number_bits;
/// Blocks of usual size that are removed in a millisecond.
constexpr std::int64_t removed_at_once = 16;

std::int64_t first_id(unsigned shard) { return static_cast<std::int64_t>(shard) << number_bits; }

/// It finds what SQLite does not look at: bytes that have changed on the disk.
std::int64_t checksum(std::int64_t id, std::uint64_t records, std::string_view bytes) {
    const cache::HashKey key{.low = static_cast<std::uint64_t>(id), .high = records};
    return static_cast<std::int64_t>(cache::hash(bytes, key));
}

}  // namespace

BlockTable::BlockTable(Database& database)
    : insert_(
          database.prepare("INSERT INTO block (id, records, checksum, bytes) VALUES (?, ?, ?, ?)")),
      measure_(database.prepare(
          "SELECT coalesce(sum(length(bytes)), 0), count(*) FROM block WHERE id >= ? AND id < ?")),
      remove_(database.prepare("DELETE FROM block WHERE id >= ? AND id < ?")) {}

Result<BlockTable> BlockTable::open(Database& database) {
    BlockTable table(database);
    auto row = database.prepare(
        "SELECT min(id), max(id), count(*), sum(length(bytes)) FROM block GROUP BY id >> " +
        std::to_string(number_bits));
    auto step = row.step();
    for (; step == Statement::Step::row; step = row.step()) {
        const auto in_shard = static_cast<std::uint64_t>(row.integer(0)) >> number_bits;
        if (in_shard >= cache::Cache::shard_count)
            return Failure{Failure::Kind::damaged, "there are entries of no shard"};
        table.shards_[in_shard] = {.first = row.integer(0) % numbers,
                                   .end = row.integer(1) % numbers + 1,
                                   .bytes = static_cast<std::uint64_t>(row.integer(3))};
        table.count_ += static_cast<std::uint64_t>(row.integer(2));
    }
    if (step == Statement::Step::failed) return database.failure();
    return table;
}

bool BlockTable::append(unsigned shard, const Block& block) {
    Shard& used = shards_[shard];
    const std::int64_t id = first_id(shard) + used.end;
    insert_.bind(0, id);
    insert_.bind(1, static_cast<std::int64_t>(block.records()));
    insert_.bind(2, checksum(id, block.records(), block.bytes()));
    insert_.bind_blob(3, block.bytes());
    if (!insert_.run()) return false;
    ++used.end;
    used.bytes += block.bytes().size();
    ++count_;
    return true;
}

bool BlockTable::remove_some(unsigned shard) {
    Shard& used = shards_[shard];
    const std::int64_t end = std::min(used.first + removed_at_once, used.end);
    for (Statement* statement : {&measure_, &remove_}) {
        statement->bind(0, first_id(shard) + used.first);
        statement->bind(1, first_id(shard) + end);
    }
    if (measure_.step() != Statement::Step::row) return false;
    const auto bytes = static_cast<std::uint64_t>(measure_.integer(0));
    const auto blocks = static_cast<std::uint64_t>(measure_.integer(1));
    measure_.reset();
    if (!remove_.run()) return false;
    used.first = end;
    used.bytes -= std::min(used.bytes, bytes);
    count_ -= std::min(count_, blocks);
    return true;
}

BlockRows::BlockRows(Database& database, unsigned shard)
    : row_(database.prepare("SELECT id, records, checksum, bytes FROM block "
                            "WHERE id >= ? AND id < ? ORDER BY id")) {
    row_.bind(0, first_id(shard));
    row_.bind(1, first_id(shard + 1));
}

BlockRows::Step BlockRows::step() {
    const auto step = row_.step();
    if (step == Statement::Step::done) return Step::done;
    if (step == Statement::Step::failed) return Step::failed;
    records_ = static_cast<std::uint64_t>(row_.integer(1));
    bytes_ = row_.bytes(3);
    const bool well = row_.integer(2) == checksum(row_.integer(0), records_, bytes_);
    return well ? Step::block : Step::damaged;
}

}  // namespace clacks::persistence
