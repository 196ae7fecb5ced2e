#include "persistence/moving_aside.hpp"

#include <doctest/doctest.h>

#include <fstream>

#include "tests/persistence/node_run.hpp"

namespace clacks::persistence {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

void make_file(const std::string& path) { std::ofstream(path) << path; }

}  // namespace

TEST_CASE("moving aside: a file for which there is no name leaves the others where they are") {
    const Directory directory;
    // NAME.damaged-20191220T000000Z-wal is as long as a name may be, and with -journal too long.
    const std::string database = directory.path() / std::string(225, 'n');
    for (const char* part : {"", "-wal", "-journal", "-shm"}) make_file(database + part);
    const std::string before = directory.files();
    Told told;
    const auto failure =
        put_aside({.path = database, .why = "", .next = ""}, some_time(), told.tell());
    REQUIRE(failure.has_value());
    CHECK(failure->what == "it cannot be moved aside: File name too long");
    CHECK(directory.files() == before);
    CHECK(told.events.empty());
}

TEST_CASE("moving aside: a file of which the log cannot be moved stays where it is, too") {
    const Directory directory;
    // NAME.damaged-20191220T000000Z is short enough, NAME.replaced-20191220T000000Z-wal is not.
    const std::string database = directory.path() / std::string(226, 'n');
    make_file(database);
    make_file(database + "-wal");
    const std::string before = directory.files();
    Told told;
    const auto failure =
        put_aside({.path = database, .why = "", .next = "", .is_ours = false, .has_log = false},
                  some_time(), told.tell());
    REQUIRE(failure.has_value());
    CHECK(failure->what == "the log beside it cannot be moved aside: File name too long");
    CHECK(directory.files() == before);
    CHECK(told.events.empty());
}

TEST_CASE("moving aside: what was moved aside before is not written over, nor a part of it") {
    const Directory directory;
    make_file(directory.database());
    make_file(directory.database() + "-wal");
    make_file(directory.database() + ".damaged-20191220T000000Z-wal");
    Told told;
    const std::string database = directory.database();
    CHECK_FALSE(put_aside({.path = database, .why = "", .next = ""}, some_time(), told.tell()));
    CHECK(directory.files() ==
          "clacks.db.damaged-20191220T000000Z-1 clacks.db.damaged-20191220T000000Z-1-wal "
          "clacks.db.damaged-20191220T000000Z-wal");
}

TEST_CASE("moving aside: three within the pause, and no more before it is over") {
    const Directory directory;
    const std::string database = directory.database();
    const auto put_at = [&](std::chrono::minutes later) {
        Told told;
        make_file(database);
        const UnwantedFile file{.path = database, .why = "torn", .next = "going on", .pause = 1h};
        const bool failed = put_aside(file, some_time() + later, told.tell()).has_value();
        CHECK(failed == told.events.empty());
        CHECK(failed == fs::exists(database));
        return !failed;
    };
    for (const auto time : {0min, 1min, 2min}) CHECK(put_at(time));
    CHECK_FALSE(put_at(3min));
    CHECK_FALSE(put_at(59min));
    CHECK_FALSE(put_at(-57min));
    CHECK(put_at(60min));
    CHECK(put_at(61min));
    CHECK_FALSE(put_at(61min));
}

TEST_CASE("moving aside: no file is no reason for anything") {
    const Directory directory;
    Told told;
    const std::string database = directory.database();
    const UnwantedFile file{.path = database, .why = "torn", .next = "going on", .pause = 1h};
    CHECK_FALSE(put_aside(file, some_time(), told.tell()).has_value());
    CHECK(told.events.empty());
}

}  // namespace clacks::persistence
