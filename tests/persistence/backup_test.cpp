#include "persistence/backup.hpp"

#include <doctest/doctest.h>

#include <fstream>

#include "tests/persistence/node_run.hpp"

namespace clacks::persistence {
namespace {

const BackupProgress silent = [](std::uint64_t, std::uint64_t) {};

/// As its caller makes it.
std::string empty_file(const Directory& directory, const char* name) {
    const std::string file = directory.path() / name;
    std::ofstream{file};
    return file;
}

/// A database that has been saved once, and is not in use.
std::string make_database(const Directory& directory) {
    NodeRun run(directory.database());
    run.store("a", "1");
    run.increment("counter");
    run.store("b", std::string("\0\xff\n", 3));
    run.remove("b");
    run.end();
    return run.begun().id;
}

}  // namespace

TEST_CASE("backup: whoever begins with it is a new node with the same content") {
    const Directory directory;
    const auto id = make_database(directory);
    const auto file = empty_file(directory, "backup.db");
    const auto report = backup({directory.database(), file}, silent);
    REQUIRE(report.has_value());
    CHECK(report->entries == 3);
    CHECK(report->bytes == std::filesystem::file_size(file));
    // Whoever reads an original leaves SQLite's two files beside it; the copy stands alone.
    CHECK(directory.files() == "backup.db clacks.db clacks.db-shm clacks.db-wal");
    NodeRun copy(file);
    CHECK(copy.told().events == std::vector<std::string>{"warning database_copied"});
    CHECK(copy.begun().id != id);
    NodeRun original(directory.database());
    CHECK(original.told().events.empty());
    CHECK(original.begun().id == id);
    CHECK(copy.content() == original.content());
}

TEST_CASE("backup: written over the original it still is no longer that node") {
    const Directory directory;
    const auto id = make_database(directory);
    const auto file = empty_file(directory, "backup.db");
    REQUIRE(backup({directory.database(), file}, silent).has_value());
    // As cp does: the file keeps its number.
    std::ofstream(directory.database(), std::ios::binary)
        << std::ifstream(file, std::ios::binary).rdbuf();
    NodeRun run(directory.database());
    CHECK(run.told().events == std::vector<std::string>{"warning database_copied"});
    CHECK(run.begun().id != id);
}

TEST_CASE("backup: what a node saves meanwhile does not make it begin anew, and is not in it") {
    const Directory directory;
    const auto file = empty_file(directory, "backup.db");
    NodeRun run(directory.database());
    const std::string value(1000, 'x');
    run.store_keys(5000, value);
    run.save();
    const auto before = run.content();
    std::uint64_t last = 0;
    int steps = 0;
    const auto report =
        backup({directory.database(), file}, [&](std::uint64_t bytes, std::uint64_t all) {
            CHECK(bytes > last);
            CHECK(bytes <= all);
            last = bytes;
            run.store("later" + std::to_string(++steps), value);
            run.save();
        });
    REQUIRE(report.has_value());
    CHECK(steps > 3);
    CHECK(report->entries == 5000);
    CHECK(NodeRun(file).content() == before);
}

TEST_CASE("backup: what counts no more in the file counts no more in the copy of it") {
    const Directory directory;
    const auto file = empty_file(directory, "backup.db");
    NodeRun run(directory.database());
    run.store_keys(100);
    run.save();
    run.cache().shift(std::chrono::hours(1), [] {});
    run.save();  // all of them anew, beside the old ones
    const auto report = backup({directory.database(), file}, [](auto, auto) {});
    REQUIRE(report.has_value());
    CHECK(report->entries == 100);
    CHECK(NodeRun(file).content() == run.content());
}

TEST_CASE("backup: what is no database of the node, or is damaged, is refused with a reason") {
    const Directory directory;
    const auto id = make_database(directory);
    const auto why = [&](const std::string& database, const std::string& of = {}) {
        const auto report = backup({database, empty_file(directory, "backup.db"), of}, silent);
        return report ? "" : report.error().what;
    };
    CHECK(why(directory.database(), id) == "");
    CHECK(why(directory.database(), "other") == "it is another node's");
    CHECK(why(directory.path() / "missing.db") == "there is no such file");
    CHECK(why(empty_file(directory, "empty.db")) == "it is not a database of clacksd");
    const std::string text = directory.path() / "text.db";
    std::ofstream(text) << std::string(5000, 'x');
    CHECK(why(text) == "file is not a database");
    alter(directory.database(), "UPDATE block SET checksum = checksum + 1");
    CHECK(why(directory.database()) == "entries are not what was written");
}

TEST_CASE("backup: a database in a directory that cannot be written to") {
    const Directory directory;
    make_database(directory);
    const Directory elsewhere;
    const auto file = empty_file(elsewhere, "backup.db");
    using std::filesystem::perms;
    std::filesystem::permissions(directory.path(), perms::owner_read | perms::owner_exec);
    const auto report = backup({directory.database(), file}, silent);
    std::filesystem::permissions(directory.path(), perms::owner_all);
    REQUIRE(report.has_value());
    CHECK(report->entries == 3);
}

}  // namespace clacks::persistence
