// What others do to the database of a node that runs.
#include "persistence/kept_file.hpp"

#include <doctest/doctest.h>

#include <fstream>

#include "persistence/backup.hpp"
#include "tests/persistence/full_disk.hpp"
#include "tests/persistence/node_run.hpp"

namespace clacks::persistence {
namespace {

namespace fs = std::filesystem;

/// A node that runs, with "a" in its database, and then "b" in its store.
struct KeptNode {
    KeptNode() {
        run.store("a", "1");
        run.save();
        backup_with_a = directory.path() / "backup";
        REQUIRE(backup({database, backup_with_a}, [](auto, auto) {}).has_value());
        run.store("b", "1");
    }

    /// The system's clock is too coarse to tell two moments of a test.
    void mark_as_written() const {
        fs::last_write_time(database, fs::last_write_time(database) + std::chrono::seconds(1));
    }
    void overwrite(std::streamoff at, std::size_t bytes) const {
        std::fstream file(database, std::ios::in | std::ios::out | std::ios::binary);
        REQUIRE(file.seekp(at).write(std::string(bytes, 'x').data(),
                                     static_cast<std::streamsize>(bytes)));
        file.close();
        mark_as_written();
    }
    /// It has been taken over into the file.
    void take_log_over() const { alter(database, "PRAGMA wal_checkpoint(TRUNCATE)"); }
    std::string last_event() const {
        return run.told().events.empty() ? "" : run.told().events.back();
    }

    const Directory directory;
    const std::string database = directory.database();
    NodeRun run{database};
    std::string backup_with_a;
    const std::string aside = ".damaged-20191220T000000Z";
    const std::string foreign = ".foreign-20191220T000000Z";
    const std::string log_aside = ".replaced-20191220T000000Z-wal";
};

/// As a start would find it.
std::string content_of(const std::string& database) { return NodeRun(database).content(); }

}  // namespace

TEST_CASE("kept file: one that is taken away is made again, with everything in it") {
    KeptNode node;
    fs::remove(node.database);
    CHECK(node.run.save().written == 2);
    CHECK(node.run.told().events ==
          std::vector<std::string>{"warning foreign_log", "warning database_gone"});
    CHECK(content_of(node.database) == node.run.content());
}

TEST_CASE("kept file: what another program has overwritten is moved aside, and all is saved") {
    for (const std::streamoff at : {0, 5000}) {
        CAPTURE(at);
        KeptNode node;
        node.take_log_over();
        node.run.save();
        node.overwrite(at, 60'000);
        const std::string overwritten = read_file(node.database);
        CHECK(node.run.save().written == 2);
        CHECK(node.last_event() == "error database_damaged");
        CHECK(node.run.told().whys.back().starts_with("another program has written to it: "));
        CHECK(read_file(node.database + node.aside) == overwritten);
        CHECK(content_of(node.database) == node.run.content());
    }
}

TEST_CASE("kept file: the last snapshot of a node finds it, too") {
    KeptNode node;
    node.overwrite(0, 60'000);
    const std::string content = node.run.content();
    node.run.end();
    CHECK(node.last_event() == "error database_damaged");
    CHECK(content_of(node.database) == content);
}

TEST_CASE("kept file: one that was put in its place is moved aside as it is, without the log") {
    KeptNode node;
    const std::string replacement = read_file(node.backup_with_a);
    const auto log_bytes = fs::file_size(node.database + "-wal");
    fs::rename(node.backup_with_a, node.database);
    CHECK(node.run.save().written == 2);
    CHECK(node.run.told().events == std::vector<std::string>{"warning database_replaced"});
    CHECK(read_file(node.database + node.foreign) == replacement);
    CHECK_FALSE(fs::exists(node.database + node.foreign + "-wal"));
    CHECK(fs::file_size(node.database + node.log_aside) == log_bytes);
    CHECK(content_of(node.database) == node.run.content());
}

TEST_CASE("kept file: whatever is put in its place, as often as that is, nothing is lost of it") {
    KeptNode node;
    for (const char* text : {"no database", "", "something else"}) {
        const auto other = node.directory.path() / "other";
        std::ofstream(other) << text;
        fs::rename(other, node.database);
        node.run.save();
    }
    CHECK(read_file(node.database + node.foreign) == "no database");
    CHECK(read_file(node.database + node.foreign + "-1").empty());
    CHECK(read_file(node.database + node.foreign + "-2") == "something else");
    CHECK(content_of(node.database) == node.run.content());
}

TEST_CASE("kept file: a backup that is copied over it is moved aside, and all is saved") {
    for (const bool has_log : {true, false}) {
        CAPTURE(has_log);
        KeptNode node;
        if (!has_log) {
            node.take_log_over();
            node.run.save();
            node.take_log_over();
        }
        fs::copy_file(node.backup_with_a, node.database, fs::copy_options::overwrite_existing);
        node.mark_as_written();
        CHECK(node.run.save().written == 2);
        CHECK(node.last_event() == "error database_damaged");
        CHECK(read_file(node.database + node.aside) == read_file(node.backup_with_a));
        CHECK(content_of(node.database) == node.run.content());
    }
}

TEST_CASE("kept file: one in which nothing was left is moved aside, too") {
    KeptNode node;
    fs::resize_file(node.database, 0);
    CHECK(node.run.save().written == 2);
    CHECK(node.last_event() == "error database_damaged");
    CHECK(fs::file_size(node.database + node.log_aside) > 0);
    CHECK(content_of(node.database) == node.run.content());
}

TEST_CASE("kept file: one that was touched, and is what was written, goes on as it is") {
    KeptNode node;
    node.mark_as_written();
    CHECK(node.run.save().written == 1);
    node.take_log_over();  // as SQLite's own program may
    node.run.store("c", "1");
    CHECK(node.run.save().written == 1);
    CHECK(node.run.told().events.empty());
    const std::string content = node.run.content();
    node.run.end();
    CHECK(node.directory.files() == "backup clacks.db");  // the log was taken over at the end
    CHECK(content_of(node.database) == content);
}

TEST_CASE("kept file: the log is not taken over into what others have written") {
    const Directory directory;
    auto file = StoreFile::open(directory.database());
    REQUIRE(file.has_value());
    REQUIRE_FALSE(file->checkpoint().has_value());
    CHECK_FALSE(file->written_by_others());
    REQUIRE_FALSE(file->database().run("INSERT INTO position VALUES ('a', 1)").has_value());
    const std::string text(70'000, 'x');
    std::ofstream(directory.database()) << text;
    CHECK(file->written_by_others());
    file->leave_log(true);
    REQUIRE_FALSE(file->checkpoint().has_value());
    CHECK(file->written_by_others());
    CHECK(read_file(directory.database()) == text);
}

TEST_CASE("kept file: what was put in its place after a snapshot failed is moved aside, too") {
    KeptNode node;
    {
        const FullDisk full(0);
        REQUIRE(node.run.try_save().has_error());
    }
    fs::rename(node.backup_with_a, node.database);
    CHECK(node.run.save().written == 2);
    CHECK(node.last_event() == "warning database_replaced");
    CHECK(content_of(node.database) == node.run.content());
}

TEST_CASE("kept file: a directory that was away for a while has the file as it was") {
    KeptNode node;
    const fs::path away = node.directory.path().string() + ".away";
    fs::rename(node.directory.path(), away);
    CHECK(node.run.try_save().has_error());
    fs::rename(away, node.directory.path());
    CHECK(node.run.save().written == 1);
    CHECK(content_of(node.database) == node.run.content());
}

}  // namespace clacks::persistence
