// What the system does not let us do: the node serves on, tries again, and loses nothing.
#include <doctest/doctest.h>

#include <fstream>

#include "persistence/store_file.hpp"
#include "tests/allocations.hpp"
#include "tests/persistence/full_disk.hpp"
#include "tests/persistence/node_run.hpp"

namespace clacks::persistence {
namespace {

namespace fs = std::filesystem;

/// Forgets the tombstones that are there.
void forget_tombstones(NodeRun& run) {
    const auto later = cache::at(2'000'000'000);
    for (unsigned shard = 0; shard < cache::Cache::shard_count; ++shard) {
        run.cache().lock(shard).clean(later, later, cache::at(0), [](auto, auto) {});
    }
}

}  // namespace

TEST_CASE(
    "obstacles: while another process has the file locked nothing is saved, then everything") {
    const Directory directory;
    NodeRun run(directory.database());
    run.store("a", "1");
    run.save();
    run.store("b", "1");
    {
        auto other = Database::open(directory.database(), Database::Mode::create);
        REQUIRE(other.has_value());
        REQUIRE_FALSE(other->run("BEGIN IMMEDIATE").has_value());
        const auto report = run.try_save();
        REQUIRE(report.has_error());
        CHECK(report.error().kind == Failure::Kind::in_use);
    }
    CHECK(run.save().written == 1);
    const std::string content = run.content();
    CHECK(NodeRun(directory.database()).content() == content);
}

TEST_CASE("obstacles: a snapshot that fails in the middle leaves the one before, and is repeated") {
    const Directory directory;
    std::string content;
    {
        NodeRun run(directory.database());
        run.store("a", "1");
        run.save();
        for (int i = 0; i < 1000; ++i) run.store("key" + std::to_string(i), std::string(1000, 'v'));
        {
            const FullDisk full(500'000);
            const auto report = run.try_save();
            REQUIRE(report.has_error());
            CHECK(report.error().kind == Failure::Kind::unusable);
        }
        CHECK(entries_in(directory.database()).size() == 1);
        CHECK(run.save().written == 1000);
        content = run.content();
    }
    CHECK(NodeRun(directory.database()).content() == content);
}

TEST_CASE(
    "obstacles: a large snapshot of which only the end has no room on the disk leaves the one "
    "before") {
    const Directory directory;
    std::string content;
    {
        NodeRun run(directory.database());
        run.store_keys(10'000, std::string(1000, 'v'));  // so much that COMMIT is prepared
        const auto here = [](const Snapshots::Piece& piece) {
            piece([](auto, auto) { return true; });
        };
        int pieces = 0;
        const auto saved = run.try_save([&](const auto& piece, auto, auto) {
            ++pieces;
            here(piece);
        });
        REQUIRE(saved.has_value());
        const auto entries = entries_in(directory.database());

        run.store_keys(10'000, std::string(1000, 'w'));
        int done = 0;
        const auto failed = run.try_save([&](const auto& piece, auto, auto) {
            std::optional<FullDisk> full;
            if (++done == pieces) full.emplace(0);
            here(piece);
        });
        REQUIRE(done == pieces);
        REQUIRE(failed.has_error());
        CHECK(failed.error().kind == Failure::Kind::unusable);
        CHECK(entries_in(directory.database()) == entries);

        CHECK(run.save().written == 10'000);
        content = run.content();
    }
    CHECK((NodeRun(directory.database()).content() == content));  // too much to be shown
}

TEST_CASE("obstacles: without a place for the file the node serves, and saves when there is one") {
    const Directory directory;
    const std::string database = directory.path() / "later" / "clacks.db";
    NodeRun run(database);
    CHECK(run.told().events == std::vector<std::string>{"error database_not_writable"});
    const std::string why = "there is no directory " + (directory.path() / "later").string();
    CHECK(run.told().whys.back() == why);
    run.store("a", "1");
    const auto report = run.try_save();
    REQUIRE(report.has_error());
    CHECK(report.error().what == why);
    fs::create_directory(directory.path() / "later");
    CHECK(run.save().written == 1);
    CHECK(NodeRun(database).content() == "a 1000001=1\n");
}

TEST_CASE("obstacles: a file that nobody may write to is read, and its node is another one") {
    const Directory directory;
    std::string id;
    {
        NodeRun run(directory.database());
        run.store("a", "1");
        run.end();
        id = run.begun().id;
    }
    // Not by its rights, which root is above: no directory is a file.
    fs::create_directory(directory.database() + "-wal");
    fs::create_directory(directory.database() + "-journal");
    NodeRun run(directory.database());
    CHECK(run.told().events == std::vector<std::string>{"error database_not_writable"});
    CHECK(run.unwritable() == run.told().whys.back());
    CHECK(run.content() == "a 1000001=1\n");
    CHECK(run.begun().id != id);
    run.store("b", "1");
    CHECK(run.try_save().has_error());
    fs::remove(directory.database() + "-wal");
    fs::remove(directory.database() + "-journal");
    run.save();
    const std::string content = run.content();
    NodeRun again(directory.database());
    CHECK(again.content() == content);
    CHECK(again.begun().id == run.begun().id);
    CHECK(again.unwritable() == "");
}

TEST_CASE("obstacles: what was forgotten when the disk was full is not in the file afterwards") {
    const Directory directory;
    NodeRun run(directory.database());
    run.store("one", "1");
    run.store("two", "1");
    run.save();
    for (const char* key : {"one", "two"}) {
        run.remove(key);
        forget_tombstones(run);
        const FullDisk full(fs::file_size(directory.database() + "-wal"));
        const auto report = run.try_save();
        REQUIRE(report.has_error());
        CHECK(report.error().kind == Failure::Kind::unusable);
    }
    CHECK(run.save().forgotten == 2);
    CHECK(run.save().forgotten == 0);
    CHECK(NodeRun(directory.database()).content() == "");
}

TEST_CASE("obstacles: however much is forgotten while the disk is full, none of it comes back") {
    const Directory directory;
    NodeRun run(directory.database());
    run.store("stays", "1");
    run.save();
    std::string name(1000, 'k');
    for (int round = 0; round < 10; ++round) {
        // As much as a shard remembers, and saved once.
        std::vector<std::string> keys;
        for (int i = 0; i < 4000; ++i) keys.push_back(name + std::to_string(round * 10'000 + i));
        for (const auto& key : keys) run.store(key, "v");
        run.save();
        for (const auto& key : keys) run.remove(key);
        forget_tombstones(run);
        const FullDisk full(fs::file_size(directory.database() + "-wal") / 2);
        REQUIRE(run.try_save().has_error());
    }
    run.save();
    CHECK(entries_in(directory.database()).size() == 1);
    CHECK(NodeRun(directory.database()).content() == "stays 1000001=1\n");
}

TEST_CASE("obstacles: a file that is found damaged while it is written is moved aside") {
    const Directory directory;
    NodeRun run(directory.database());
    run.store("a", "1");
    run.save();
    run.store("b", "1");
    alter(directory.database(), "ALTER TABLE block RENAME TO away");
    const auto report = run.try_save();
    REQUIRE(report.has_error());
    CHECK(report.error().kind == Failure::Kind::damaged);
    CHECK(run.save().written == 2);
    CHECK(run.told().events == std::vector<std::string>{"error database_damaged"});
    const std::string content = run.content();
    CHECK(NodeRun(directory.database()).content() == content);
}

TEST_CASE("obstacles: a disk that damages every file is not filled with them") {
    const Directory directory;
    NodeRun run(directory.database());
    run.store("a", "1");
    run.save();
    const auto damage_file = [&] { std::ofstream(directory.database()) << "not what was written"; };
    for (int i = 0; i < 3; ++i) {
        damage_file();
        run.save();
    }
    damage_file();
    for (int i = 0; i < 3; ++i) {
        const auto report = run.try_save();
        REQUIRE(report.has_error());
        CHECK(report.error().what ==
              "it was written to while the node runs: it is too short, and 3 were moved aside "
              "within the last 60 minutes (the last: clacks.db.damaged-20191220T000000Z-2): is the "
              "disk broken, or does another program write there?");
    }
    CHECK(directory.files().find("clacks.db.damaged-20191220T000000Z-3") == std::string::npos);
    // Whoever takes it away has looked at it.
    fs::remove(directory.database() + ".damaged-20191220T000000Z");
    CHECK(run.save().written == 1);
}

TEST_CASE("obstacles: a file that is found damaged while it is written stays so, or goes") {
    const Directory directory;
    NodeRun run(directory.database());
    for (const char* number : {"", "-1", "-2"})
        std::ofstream(directory.database() + ".damaged-20191220T000000Z" + number) << "one of them";
    run.store("a", "1");
    run.save();
    run.store("b", "1");
    alter(directory.database(), "ALTER TABLE block RENAME TO away");
    CHECK(run.try_save().has_error());
    alter(directory.database(), "ALTER TABLE away RENAME TO block");
    const std::string why = run.try_save().error().what;
    CHECK(why.starts_with(
        "it was written to while the node runs: it cannot be written to, and 3 were moved aside"));
    CHECK(run.try_save().error().what == why);
    fs::remove(directory.database());
    CHECK(run.save().written == 2);
}

TEST_CASE("obstacles: a database whose tables cannot be read now is not taken for damaged") {
    const Directory directory;
    NodeRun(directory.database()).end();
    auto database = Database::open(directory.database(), Database::Mode::read);
    REQUIRE(database.has_value());
    REQUIRE_FALSE(database->run("SELECT 1 FROM sqlite_schema").has_value());
    // Enough for all but the question for the tables.
    sqlite3_limit(database->handle(), SQLITE_LIMIT_SQL_LENGTH, 40);
    const auto file = StoreFile::take(directory.database(), std::move(*database));
    REQUIRE(file.has_error());
    CHECK(file.error().kind == Failure::Kind::unusable);
}

TEST_CASE("obstacles: too little memory for a snapshot is a failure of that one only") {
    const Directory directory;
    std::string content;
    {
        NodeRun run(directory.database());
        run.store("a", "1");
        run.save();
        run.store("b", "1");
        run.store("large", std::string(1'000'000, 'v'));
        {
            const test::NoLargePieces small(900'000);
            const auto report = run.try_save();
            REQUIRE(report.has_error());
            CHECK(report.error().kind == Failure::Kind::unusable);
        }
        CHECK(run.save().written == 2);
        CHECK(run.told().events.empty());
        content = run.content();
    }
    CHECK(NodeRun(directory.database()).content() == content);
}

TEST_CASE("obstacles: a path may begin with two slashes") {
    const Directory directory;
    NodeRun run("/" + directory.database());
    run.store("a", "1");
    run.end();
    CHECK(NodeRun(directory.database()).content() == "a 1000001=1\n");
}

}  // namespace clacks::persistence
