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
            all += reader.next()->entry.value;
        }
        return all;
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

TEST_CASE("block table: the blocks of a shard go, the oldest first, and those of others stay") {
    Scene scene;
    for (int i = 0; i < 40; ++i) scene.append(5, std::string(1, static_cast<char>('A' + i)));
    scene.append(4, "4");
    scene.append(6, "6");
    REQUIRE(scene.table.remove_some(5));
    CHECK(scene.values(5) == "QRSTUVWXYZ[\\]^_`abcdefgh");
    CHECK(scene.table.count() == 26);
    while (!scene.table.is_empty(5)) REQUIRE(scene.table.remove_some(5));
    CHECK(scene.table.bytes(5) == 0);
    CHECK(scene.table.count() == 2);
    scene.append(5, "new");
    CHECK(scene.values(4) + scene.values(5) + scene.values(6) == "4new6");
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
