#include "persistence/block_table.hpp"

#include <doctest/doctest.h>

#include "persistence/store_file.hpp"
#include "tests/persistence/node_run.hpp"

namespace clacks::persistence {
namespace {

/// A file without a node.
struct Scene {
    Scene() : file(*StoreFile::open(directory.database())), table(open()) {}
    BlockTable open() {
        auto opened = BlockTable::open(file.database());
        REQUIRE(opened.has_value());
        return std::move(*opened);
    }
    void append(unsigned shard, std::string_view value) {
        Block block;
        block.add({.key = "k", .value = value});
        REQUIRE(table.append(shard, block));
    }
    /// What is in a shard: the values, one behind the other.
    std::string values(unsigned shard) {
        std::string all;
        BlockRows rows(file.database(), shard);
        while (rows.step() == BlockRows::Step::block) {
            BlockReader reader(rows.bytes(), true);
            if (const auto record = reader.next()) all += record->entry.value;
        }
        return all;
    }
    void run(const std::string& sql) { REQUIRE_FALSE(file.database().run(sql).has_value()); }
    std::int64_t blocks_in_file() {
        auto row = file.database().prepare("SELECT count(*) FROM block");
        REQUIRE(row.step() == Statement::Step::row);
        return row.integer(0);
    }

    const Directory directory;
    StoreFile file;
    BlockTable table;
};

}  // namespace

TEST_CASE("block table: each shard has its blocks, in the order in which they were written") {
    Scene scene;
    scene.append(1, "a");
    scene.append(31, "x");
    scene.append(1, "b");
    scene.append(0, "y");
    scene.append(1, "c");
    CHECK(scene.values(0) == "y");
    CHECK(scene.values(1) == "abc");
    CHECK(scene.values(2) == "");
    CHECK(scene.values(31) == "x");
    CHECK(scene.table.count() == 5);
    CHECK(scene.table.bytes(1) == 3 * scene.table.bytes(0));
}

TEST_CASE("block table: whoever opens it finds what there is, and writes behind it") {
    Scene scene;
    scene.append(3, "a");
    scene.append(3, "b");
    const auto bytes = scene.table.bytes(3);
    scene.table = scene.open();
    CHECK(scene.table.count() == 2);
    CHECK(scene.table.bytes(3) == bytes);
    scene.append(3, "c");
    CHECK(scene.values(3) == "abc");
}

TEST_CASE("block table: what was there before a shard is begun anew counts no more") {
    Scene scene;
    for (const unsigned shard : {4U, 5U, 6U}) scene.append(shard, std::to_string(shard));
    REQUIRE(scene.table.begin_anew(5));
    CHECK(scene.values(5) == "");
    CHECK(scene.table.bytes(5) == 0);
    CHECK(scene.table.count() == 3);  // one says that it has begun
    scene.append(5, "new");
    CHECK(scene.values(4) + scene.values(5) + scene.values(6) == "4new6");
    const auto bytes = scene.table.bytes(5);
    scene.table = scene.open();
    CHECK(scene.table.bytes(5) == bytes);
    CHECK(scene.table.count() == 4);
    scene.append(5, "er");
    CHECK(scene.values(5) == "newer");
}

TEST_CASE("block table: of a shard of which there is nothing nothing is said") {
    Scene scene;
    REQUIRE(scene.table.begin_anew(5));
    CHECK(scene.table.count() == 0);
    CHECK_FALSE(scene.table.has_outdated());
}

TEST_CASE("block table: what counts no more goes, the oldest first and some at once") {
    Scene scene;
    for (const unsigned shard : {4U, 6U}) scene.append(shard, std::to_string(shard));
    for (int i = 0; i < 40; ++i) scene.append(5, "old");
    REQUIRE(scene.table.begin_anew(5));
    scene.append(5, "a");
    REQUIRE(scene.table.begin_anew(5));
    scene.append(5, "b");
    CHECK(scene.table.has_outdated());
    CHECK(scene.blocks_in_file() == 2 + 40 + 2 + 2);
    REQUIRE(scene.table.remove_some_outdated());
    CHECK(scene.blocks_in_file() == 2 + 36 + 2 + 2);
    scene.table = scene.open();  // after a crash
    CHECK(scene.table.has_outdated());
    while (scene.table.has_outdated()) REQUIRE(scene.table.remove_some_outdated());
    CHECK(scene.blocks_in_file() == 2 + 2);
    CHECK(scene.values(4) + scene.values(5) + scene.values(6) == "4b6");
    CHECK_FALSE(scene.open().has_outdated());
}

TEST_CASE("block table: a quarter of the numbers of a generation is much for a shard") {
    Scene scene;
    scene.run(
        "WITH RECURSIVE number(id) AS (SELECT (5 << 48) UNION ALL SELECT id + 1 FROM number "
        "LIMIT (1 << 18) - 1) "
        "INSERT INTO block (id, records, checksum, bytes) SELECT id, 0, 0, x'' FROM number");
    scene.table = scene.open();
    CHECK_FALSE(scene.table.has_many(5));
    scene.append(5, "one more");
    CHECK(scene.table.has_many(5));
    CHECK_FALSE(scene.table.has_many(4));
    REQUIRE(scene.table.begin_anew(5));
    CHECK_FALSE(scene.table.has_many(5));
}

TEST_CASE("block table: after the last generation of a shard its first one comes") {
    Scene scene;
    scene.append(4, "4");
    scene.append(6, "6");
    scene.append(5, "old");
    const std::int64_t last_generation = (6LL << 48) - (1LL << 20);
    scene.run("UPDATE block SET id = " + std::to_string(last_generation) +
              " WHERE id = " + std::to_string(5LL << 48));
    scene.table = scene.open();
    REQUIRE(scene.table.begin_anew(5));
    scene.append(5, "new");
    CHECK_FALSE(scene.table.has_outdated());
    CHECK(scene.values(4) + scene.values(5) + scene.values(6) == "4new6");
    CHECK(scene.table.count() == 4);
}

TEST_CASE("block table: a block that is larger than SQLite takes is no damage of the file") {
    Scene scene;
    Database& database = scene.file.database();
    sqlite3_limit(database.handle(), SQLITE_LIMIT_LENGTH, 1000);
    const std::string value(1001, 'v');
    Block block;
    block.add({.key = "k", .value = value});
    REQUIRE_FALSE(scene.table.append(0, block));
    CHECK(database.failure().kind == Failure::Kind::unusable);
    CHECK(database.failure().what == "string or blob too big");
}

}  // namespace clacks::persistence
