#include "persistence/block_table.hpp"

#include <algorithm>

#include "cache/hash.hpp"

namespace clacks::persistence {
namespace {

constexpr unsigned number_bits = 48;
constexpr std::int64_t numbers = std::int64_t{1} << number_bits;
/// In a generation there are numbers for blocks of 256 GiB.
constexpr unsigned generation_bits = 20;
/// So many is much for one, and leaves the next snapshot enough.
constexpr std::uint64_t many = std::uint64_t{1} << (generation_bits - 2);
/// Blocks of usual size that are removed in a millisecond.
constexpr int removed_at_once = 4;

std::int64_t first_id(unsigned shard) { return static_cast<std::int64_t>(shard) << number_bits; }

/// The first number of the generation in which `number` is.
std::int64_t begin_of_generation(std::int64_t number) {
    return number >> generation_bits << generation_bits;
}

std::int64_t next_generation(std::int64_t number) {
    return begin_of_generation(number) + (std::int64_t{1} << generation_bits);
}

/// It finds what SQLite does not look at: bytes that have changed on the disk.
std::int64_t checksum(std::int64_t id, std::uint64_t records, std::string_view bytes) {
    const cache::HashKey key{.low = static_cast<std::uint64_t>(id), .high = records};
    return static_cast<std::int64_t>(cache::hash(bytes, key));
}

}  // namespace

std::optional<Failure> take_over_blocks(Database& database) {
    const std::string generation = " >> " + std::to_string(generation_bits);
    auto shard =
        database.prepare("SELECT 1 FROM block GROUP BY id >> " + std::to_string(number_bits) +
                         " HAVING min(id)" + generation + " <> max(id)" + generation);
    const auto step = shard.step();
    if (step == Statement::Step::failed) return database.failure();
    if (step == Statement::Step::done) return std::nullopt;
    return Failure{Failure::Kind::newer,
                   "it has too many blocks to be taken over from format 3; write them anew with "
                   "the clacksd that made it (export, import)"};
}

BlockTable::BlockTable(Database& database)
    : insert_(
          database.prepare("INSERT INTO block (id, records, checksum, bytes) VALUES (?, ?, ?, ?)")),
      last_of_some_(database.prepare("SELECT max(id) FROM (SELECT id FROM block WHERE id >= ? AND "
                                     "id < ? ORDER BY id LIMIT " +
                                     std::to_string(removed_at_once) + ")")),
      remove_(database.prepare("DELETE FROM block WHERE id >= ? AND id <= ?")) {}

Result<BlockTable> BlockTable::open(Database& database) {
    BlockTable table(database);
    auto row = database.prepare(
        "SELECT min(id), max(id), count(*), sum(length(bytes)) FROM block GROUP BY id >> " +
        std::to_string(generation_bits) + " ORDER BY 1");
    auto step = row.step();
    for (; step == Statement::Step::row; step = row.step()) {
        const auto in_shard = static_cast<std::uint64_t>(row.integer(0)) >> number_bits;
        if (in_shard >= cache::Cache::shard_count)
            return Failure{Failure::Kind::damaged, "there are entries of no shard"};
        Shard& used = table.shards_[in_shard];
        const std::int64_t first = row.integer(0) % numbers;
        used = {.first = used.count > 0 ? used.first : first,
                .begin = first,
                .end = row.integer(1) % numbers + 1,
                .count = static_cast<std::uint64_t>(row.integer(2)),
                .bytes = static_cast<std::uint64_t>(row.integer(3))};
    }
    if (step == Statement::Step::failed) return database.failure();
    return table;
}

std::uint64_t BlockTable::count() const {
    std::uint64_t count = 0;
    for (const Shard& used : shards_) count += used.count;
    return count;
}

bool BlockTable::has_many(unsigned shard) const { return shards_[shard].count >= many; }

bool BlockTable::append(unsigned shard, const Block& block) {
    Shard& used = shards_[shard];
    // What is before the next generation would count no more: has_many() comes long before that.
    if (begin_of_generation(used.end) != begin_of_generation(used.begin))
        insert_.refuse("there are too many blocks of a shard");
    const std::int64_t id = first_id(shard) + used.end;
    insert_.bind(0, id);
    insert_.bind(1, static_cast<std::int64_t>(block.records()));
    insert_.bind(2, checksum(id, block.records(), block.bytes()));
    insert_.bind_blob(3, block.bytes());
    if (!insert_.run()) return false;
    ++used.end;
    used.bytes += block.bytes().size();
    ++used.count;
    return true;
}

bool BlockTable::begin_anew(unsigned shard) {
    Shard& used = shards_[shard];
    if (used.count == 0) return true;
    std::int64_t number = next_generation(used.end - 1);
    if (number == numbers) {  // after years
        if (!remove(first_id(shard), first_id(shard + 1) - 1)) return false;
        number = 0;
        used.first = 0;
    }
    used = {.first = used.first, .begin = number, .end = number};
    return append(shard, Block());  // that it exists is said also if there is nothing in it
}

bool BlockTable::has_outdated() const {
    return std::any_of(shards_.begin(), shards_.end(),
                       [](const Shard& used) { return used.has_outdated(); });
}

bool BlockTable::remove_some_outdated() {
    const auto found = std::find_if(shards_.begin(), shards_.end(),
                                    [](const Shard& used) { return used.has_outdated(); });
    if (found == shards_.end()) return true;
    const auto base = first_id(static_cast<unsigned>(found - shards_.begin()));
    last_of_some_.bind(0, base + found->first);
    last_of_some_.bind(1, base + found->begin);
    const bool well = last_of_some_.step() == Statement::Step::row;
    const bool is_none_left = well && last_of_some_.is_null(0);
    const std::int64_t last = well && !is_none_left ? last_of_some_.integer(0) : 0;
    last_of_some_.reset();
    if (is_none_left) found->first = found->begin;
    if (!well || is_none_left) return well;
    if (!remove(base + found->first, last)) return false;
    found->first = last - base + 1;
    return true;
}

bool BlockTable::remove(std::int64_t first, std::int64_t last) {
    remove_.bind(0, first);
    remove_.bind(1, last);
    return remove_.run();
}

BlockRows::BlockRows(Database& database, unsigned shard)
    : row_(database.prepare(
          "SELECT id, records, checksum, bytes FROM block WHERE id < ?2 AND id >= "
          "(SELECT max(id) >> " +
          std::to_string(generation_bits) + " << " + std::to_string(generation_bits) +
          " FROM block WHERE id >= ?1 AND id < ?2) ORDER BY id")) {
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
