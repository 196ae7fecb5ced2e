// A file that was put in the place of a node's database, beside the log that a kill has left.
#include <doctest/doctest.h>

#include <fstream>

#include "persistence/backup.hpp"
#include "persistence/moving_aside.hpp"
#include "persistence/store_file.hpp"
#include "tests/persistence/node_run.hpp"

namespace clacks::persistence {
namespace {

namespace fs = std::filesystem;

/// A node with a backup, that has saved something else since and was killed.
struct KilledNode {
    KilledNode() {
        const Directory before;
        NodeRun run(before.database());
        for (int i = 0; i < 100; ++i) run.store("old" + std::to_string(i), std::string(100, 'o'));
        run.save();
        backed_up = run.content();
        const auto report = backup({before.database(), backup_file()}, [](auto, auto) {});
        REQUIRE(report.has_value());
        for (int i = 0; i < 100; ++i) run.store("new" + std::to_string(i), std::string(100, 'n'));
        run.remove("old1");
        run.save();
        content = run.content();
        for (const char* part : {"", "-wal"})
            fs::copy_file(before.database() + part, directory.database() + part);
    }
    std::string backup_file() const { return directory.path() / "backup"; }

    const Directory directory;
    std::string backed_up;
    std::string content;
};

}  // namespace

TEST_CASE("replaced: a backup is restored as it is, whatever log stands beside it") {
    const KilledNode node;
    const std::string database = node.directory.database();
    fs::copy_file(node.backup_file(), database, fs::copy_options::overwrite_existing);
    const auto log_bytes = fs::file_size(database + "-wal");
    NodeRun run(database);
    CHECK(run.content() == node.backed_up);
    CHECK(run.told().events ==
          std::vector<std::string>{"warning foreign_log", "warning database_copied"});
    CHECK(fs::file_size(database + ".replaced-20191220T000000Z-wal") == log_bytes);
}

TEST_CASE("replaced: the first log of a restored backup is its own, whenever the node is killed") {
    const KilledNode node;
    const Directory directory;
    std::string id;
    {
        const Directory elsewhere;
        fs::copy_file(node.backup_file(), elsewhere.database());
        // As restore() begins.
        auto file = StoreFile::open(elsewhere.database());
        REQUIRE(file.has_value());
        auto state = file->read_state();
        REQUIRE(state.has_value());
        (*state)->id = id = "another";
        REQUIRE_FALSE(file->database().run("BEGIN IMMEDIATE").has_value());
        REQUIRE(file->write_state(**state));
        REQUIRE_FALSE(file->database().run("COMMIT").has_value());
        for (const char* part : {"", "-wal"})
            fs::copy_file(elsewhere.database() + part, directory.database() + part);
    }
    Told told;
    const auto restored = restore({.path = directory.database()}, some_time(), told.tell());
    REQUIRE(restored.has_value());
    CHECK(restored->found.id == id);
    CHECK(told.events == std::vector<std::string>{"warning database_copied"});
}

TEST_CASE("replaced: the log that a kill has left is taken over") {
    const KilledNode node;
    NodeRun run(node.directory.database());
    CHECK(run.content() == node.content);
}

TEST_CASE("replaced: the log of a file that is gone, or of which nothing is left, is not deleted") {
    for (const bool gone : {true, false}) {
        CAPTURE(gone);
        const KilledNode node;
        const std::string database = node.directory.database();
        const auto log_bytes = fs::file_size(database + "-wal");
        if (gone)
            fs::remove(database);
        else
            fs::resize_file(database, 0);
        NodeRun run(database);
        CHECK(run.content().empty());
        REQUIRE(run.told().events.size() == (gone ? 1 : 2));
        CHECK(run.told().events.front() == "warning foreign_log");
        CHECK(run.told().events.back() ==
              (gone ? "warning foreign_log" : "warning database_empty"));
        CHECK(fs::file_size(database + ".replaced-20191220T000000Z-wal") == log_bytes);
    }
}

TEST_CASE("replaced: a log that cannot be moved keeps the node from starting with a mixture") {
    const Directory directory;
    const std::string database = directory.path() / std::string(229, 'n');
    std::ofstream(database + "-wal") << "of another";
    Told told;
    const auto failure = put_foreign_log_aside(database, some_time(), told.tell());
    REQUIRE(failure.has_value());
    CHECK(failure->what == database +
                               "-wal beside it belongs to another database, and cannot be "
                               "moved aside: File name too long");
    CHECK(told.events.empty());
}

TEST_CASE("replaced: of what cannot be read nobody knows, and the log stays") {
    const Directory directory;
    const std::string database = directory.database();
    std::ofstream(database + "-wal") << "its own, perhaps";
    Told told;
    fs::create_directory(database);
    CHECK_FALSE(put_foreign_log_aside(database, some_time(), told.tell()).has_value());
    fs::remove(database);
    std::ofstream(database) << "short";
    CHECK_FALSE(put_foreign_log_aside(database, some_time(), told.tell()).has_value());
    CHECK(told.events.empty());
    CHECK(directory.files() == "clacks.db clacks.db-wal");
}

}  // namespace clacks::persistence
