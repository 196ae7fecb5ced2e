// What older versions have left is taken over.
#include <doctest/doctest.h>

#include <fstream>

#include "persistence/store_file.hpp"
#include "tests/persistence/node_run.hpp"
#include "tests/persistence/old_database.hpp"

namespace clacks::persistence {

TEST_CASE("old formats: all that was in the file is there, and goes on being saved") {
    for (const int format : {1, 2}) {
        CAPTURE(format);
        const Directory directory;
        make_old_database(directory.database(), format);
        std::string content;
        {
            NodeRun run(directory.database());
            // It stood elsewhere when it was saved.
            CHECK(run.told().events == std::vector<std::string>{"warning database_copied"});
            CHECK(number(directory.database(), "PRAGMA user_version") == 4);
            CHECK(run.cache().lock("counted").find("counted")->value == "12");
            CHECK(run.cache().lock("counted").find("counted")->counter->base == "7");
            CHECK(run.cache().lock("empty").find("empty")->value == "");
            CHECK(run.cache().lock("gone").find("gone")->deleted);
            CHECK(run.cache().lock("later").find("later")->expires ==
                  cache::at(2'000'000'000'000'000));
            if (format == 2) {
                const auto flagged = run.cache().lock("flagged").find("flagged");
                REQUIRE(flagged);
                CHECK(flagged->value == "hello");
                CHECK(flagged->flags == 4242);
            }
            run.store("new", "1");
            content = run.content();
            CHECK(run.save().written == 1);
        }
        NodeRun again(directory.database());
        CHECK(again.told().events.empty());
        CHECK(again.content() == content);
    }
}

TEST_CASE("old formats: what is in a file of format 3 stays as it is") {
    const Directory directory;
    std::string content;
    {
        NodeRun run(directory.database());
        run.store_keys(100);
        run.save();
        content = run.content();
        run.end();
    }
    alter(directory.database(), "PRAGMA user_version = 3");
    NodeRun run(directory.database());
    CHECK(run.told().events.empty());
    CHECK(run.content() == content);
    CHECK(number(directory.database(), "PRAGMA user_version") == 4);
}

TEST_CASE("old formats: what would be lost of a file of format 3 is not taken over") {
    const Directory directory;
    {
        NodeRun run(directory.database());
        run.store("key", "1");
        run.save();
        run.store("key", "2");
        run.end();
    }
    // As after a million snapshots.
    alter(directory.database(), "UPDATE block SET id = id + 1048576 WHERE id & 1048575 = 1");
    alter(directory.database(), "PRAGMA user_version = 3");
    const auto restored = restore({.path = directory.database()}, some_time(), Told().tell());
    REQUIRE(restored.has_error());
    CHECK(restored.error().what.starts_with("it has too many blocks"));
    CHECK(number(directory.database(), "PRAGMA user_version") == 3);
}

TEST_CASE(
    "old formats: an entry that is not what was written is found, and nothing is taken over") {
    for (const char* sql : {"UPDATE entry SET value = x'00' WHERE key = x'6c61746572'",
                            "UPDATE entry SET shard = 31 WHERE key = x'6c61746572'",
                            "UPDATE entry SET shard = 32 WHERE key = x'6c61746572'",
                            "UPDATE meta SET value = '9' WHERE name = 'sequence'"}) {
        CAPTURE(std::string(sql));
        const Directory directory;
        make_old_database(directory.database(), 2);
        alter(directory.database(), sql);
        NodeRun run(directory.database());
        CHECK(run.told().events == std::vector<std::string>{"error database_damaged"});
        CHECK(run.cache().size() == 0);
        CHECK(number(directory.path() / "clacks.db.damaged-20191220T000000Z",
                     "SELECT count(*) FROM entry") == 5);
    }
}

TEST_CASE("old formats: entries that are missing are found, and nothing is taken over") {
    const Directory directory;
    make_old_database(directory.database(), 2);
    const auto page =
        number(directory.database(), "SELECT rootpage FROM sqlite_schema WHERE name = 'entry'");
    const auto page_bytes = number(directory.database(), "PRAGMA page_size");
    {
        // One cell less than there are (Database File Format, 1.6).
        std::fstream file(directory.database(), std::ios::in | std::ios::out | std::ios::binary);
        const auto cells = (page - 1) * page_bytes + 4;
        REQUIRE(file.seekg(cells).get() == 5);
        file.seekp(cells).put(4);
    }
    REQUIRE(number(directory.database(), "SELECT count(*) FROM entry") == 4);
    NodeRun run(directory.database());
    CHECK(run.told().events == std::vector<std::string>{"error database_damaged"});
    CHECK(run.cache().size() == 0);
}

TEST_CASE("old formats: one that nobody may write to is not taken for damaged") {
    const Directory directory;
    make_old_database(directory.database(), 1);
    const auto file = StoreFile::open_immutable(directory.database());
    REQUIRE(file.has_error());
    CHECK(file.error().kind == Failure::Kind::unusable);
    CHECK(file.error().what ==
          "its format is an older one (1), which a clacksd has to take over first");
}

}  // namespace clacks::persistence
