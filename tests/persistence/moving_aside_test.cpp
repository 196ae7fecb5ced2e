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
    const auto aside = move_aside(database, some_time());
    REQUIRE(aside.has_error());
    CHECK(aside.error().what == "it cannot be moved aside: File name too long");
    CHECK(directory.files() == before);
}

TEST_CASE("moving aside: what was moved aside before is not written over, nor a part of it") {
    const Directory directory;
    make_file(directory.database());
    make_file(directory.database() + "-wal");
    make_file(directory.database() + ".damaged-20191220T000000Z-wal");
    const auto aside = move_aside(directory.database(), some_time());
    REQUIRE(aside.has_value());
    CHECK(*aside == directory.database() + ".damaged-20191220T000000Z-1");
}

TEST_CASE("moving aside: not again before the pause is over") {
    const Directory directory;
    const std::string database = directory.database();
    const auto put_at = [&](std::chrono::minutes later) {
        Told told;
        make_file(database);
        const DamagedFile file{.path = database, .why = "torn", .next = "going on", .pause = 1h};
        const bool failed = put_aside(file, some_time() + later, told.tell()).has_value();
        CHECK(failed == told.events.empty());
        CHECK(failed == fs::exists(database));
        return !failed;
    };
    CHECK(put_at(0min));
    CHECK_FALSE(put_at(1min));
    CHECK_FALSE(put_at(59min));
    CHECK_FALSE(put_at(-59min));
    CHECK(put_at(60min));
    CHECK_FALSE(put_at(119min));
    CHECK(put_at(120min));
}

TEST_CASE("moving aside: no file is no reason for anything") {
    const Directory directory;
    Told told;
    const std::string database = directory.database();
    const DamagedFile file{.path = database, .why = "torn", .next = "going on", .pause = 1h};
    CHECK_FALSE(put_aside(file, some_time(), told.tell()).has_value());
    CHECK(told.events.empty());
}

}  // namespace clacks::persistence
