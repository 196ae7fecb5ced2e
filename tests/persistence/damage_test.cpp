// A file that is not what was written is never served and never deleted.
#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>

#include "tests/persistence/node_run.hpp"

namespace clacks::persistence {
namespace {

namespace fs = std::filesystem;

void write_file(const fs::path& path, std::string_view bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
}

void remove_all(const Directory& directory) {
    for (const auto& file : fs::directory_iterator(directory.path())) fs::remove(file);
}

/// A database as a stopped node leaves it: one file, of which each byte is on the disk.
struct Sample {
    Sample() {
        const Directory directory;
        NodeRun run(directory.database());
        for (int i = 0; i < 60; ++i) run.store("key" + std::to_string(i), std::string(200, 'v'));
        for (int i = 0; i < 5; ++i) run.increment("counter" + std::to_string(i));
        run.remove("key7");
        content = run.content();
        run.end();
        bytes = read_file(directory.database());
    }
    std::string bytes;
    std::string content;
};

/// (That it is a copy may have been found before.)
bool was_damaged(const NodeRun& run) {
    const auto& events = run.told().events;
    return !events.empty() && events.back() == "error database_damaged";
}

/// Starts from these bytes: the content, or "moved aside" if that is what became of the file, or
/// why the node does not start.
std::string start_from(const Directory& directory, std::string_view bytes) {
    remove_all(directory);
    write_file(directory.database(), bytes);
    Told told;
    if (const auto tried = restore({.path = directory.database()}, some_time(), told.tell());
        !tried) {
        CHECK(read_file(directory.database()) == bytes);
        return tried.error().what;
    }
    remove_all(directory);
    write_file(directory.database(), bytes);
    NodeRun run(directory.database());
    if (!was_damaged(run)) return run.content();
    CHECK(run.cache().size() == 0);
    CHECK_FALSE(run.told().whys.back().empty());
    // Nothing is deleted: it lies beside the new one as it was.
    const std::string names = directory.files();
    const auto at = names.find("clacks.db.damaged-20191220T000000Z");
    REQUIRE(at != std::string::npos);
    CHECK(read_file(directory.path() / "clacks.db.damaged-20191220T000000Z") == bytes);
    run.store("new", "1");
    run.save();
    return "moved aside";
}

/// All of them if CLACKS_EVERY_BYTE is set: that takes some minutes.
std::size_t bytes_between_tries() { return std::getenv("CLACKS_EVERY_BYTE") ? 1 : 61; }

}  // namespace

TEST_CASE("damage: a byte that has changed is found, or has no meaning") {
    const Sample sample;
    const Directory directory;
    int found = 0;
    for (std::size_t i = 0; i < sample.bytes.size(); i += bytes_between_tries()) {
        CAPTURE(i);
        std::string bytes = sample.bytes;
        bytes[i] = static_cast<char>(bytes[i] ^ 0x55);
        const std::string content = start_from(directory, bytes);
        if (content == "moved aside" || content.starts_with("it was written by a newer")) {
            ++found;
        } else {
            REQUIRE(content == sample.content);
        }
    }
    CHECK(found > 100);
}

TEST_CASE("damage: a file that was cut off is found") {
    const Sample sample;
    const Directory directory;
    for (std::size_t size = 1; size < sample.bytes.size(); size += 512) {
        CAPTURE(size);
        REQUIRE(start_from(directory, sample.bytes.substr(0, size)) == "moved aside");
    }
}

TEST_CASE("damage: what another program has written is found") {
    const Directory directory;
    CHECK(start_from(directory, "no database at all, but a text of some length\n") ==
          "moved aside");
    alter(directory.path() / "foreign.db", "CREATE TABLE t (a)");
    CHECK(start_from(directory, read_file(directory.path() / "foreign.db")) == "moved aside");
}

TEST_CASE("damage: changes that were made behind the node's back are found") {
    for (const char* sql :
         {"UPDATE block SET bytes = zeroblob(length(bytes)) WHERE id = (SELECT min(id) FROM block)",
          "UPDATE block SET records = records + 1", "UPDATE block SET id = id + 1",
          "DELETE FROM block WHERE id = (SELECT max(id) FROM block)",
          "UPDATE meta SET value = '1' WHERE name = 'sequence'", "DELETE FROM meta",
          "INSERT INTO position VALUES ('x', 1)", "DROP TABLE position",
          "CREATE TRIGGER t AFTER INSERT ON block BEGIN DELETE FROM meta; END"}) {
        CAPTURE(std::string(sql));
        const Directory directory;
        write_file(directory.database(), Sample().bytes);
        alter(directory.database(), sql);
        NodeRun run(directory.database());
        CHECK(was_damaged(run));
        CHECK(run.cache().size() == 0);
    }
}

TEST_CASE("damage: a file that was moved aside does not push out an older one") {
    const Directory directory;
    const Sample sample;
    write_file(directory.database(), "one");
    (void)NodeRun(directory.database());
    write_file(directory.database(), "another");
    (void)NodeRun(directory.database());
    CHECK(read_file(directory.path() / "clacks.db.damaged-20191220T000000Z") == "one");
    CHECK(read_file(directory.path() / "clacks.db.damaged-20191220T000000Z-1") == "another");
}

TEST_CASE("damage: the journal of a file that is moved aside goes with it") {
    const Directory directory;
    write_file(directory.database(), "one");
    write_file(directory.database() + "-journal", "of one");
    (void)NodeRun(directory.database());
    CHECK(read_file(directory.path() / "clacks.db.damaged-20191220T000000Z-journal") == "of one");
}

TEST_CASE("damage: a database of a newer version is left alone, and the node does not start") {
    const Directory directory;
    NodeRun(directory.database()).end();
    alter(directory.database(), "PRAGMA user_version = 999");
    Told told;
    const auto restored = restore({.path = directory.database()}, some_time(), told.tell());
    REQUIRE(restored.has_error());
    CHECK(restored.error().kind == Failure::Kind::newer);
    CHECK(restored.error().what ==
          "it was written by a newer clacksd (its format is 999, this one knows up to 4)");
    CHECK(number(directory.database(), "PRAGMA user_version") == 999);
}

}  // namespace clacks::persistence
