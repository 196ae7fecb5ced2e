// What the store has forgotten, or has lost on the way, does not come back from the file.
#include "persistence/snapshots.hpp"

#include <doctest/doctest.h>

#include "tests/persistence/node_run.hpp"

namespace clacks::persistence {

using cache::at;

TEST_CASE("snapshot: what the store has forgotten goes from the file, however much it is") {
    for (const int count : {500, 100'000}) {
        CAPTURE(count);
        const Directory directory;
        {
            NodeRun run(directory.database());
            run.store_keys(count);
            run.store("stays", "v");
            run.save();
            forget_all_but(run, "stays");
            run.store("key1", "anew");
            const auto forgotten = run.save().forgotten;
            CHECK(forgotten > 400);
            if (count == 500) CHECK(forgotten == 500);
            CHECK(entries_in(directory.database()).size() == 2);
            // What comes and goes between two snapshots leaves no trace.
            run.store("stays", "longer");
            run.store("came", "v");
            CHECK(run.save().forgotten == 0);
        }
        NodeRun again(directory.database());
        CHECK(again.cache().lock("stays").find("stays"));
        CHECK(again.cache().lock("key1").find("key1")->value == "anew");
        CHECK(again.cache().size() == 3);
    }
}

TEST_CASE("snapshot: what a start has left out goes from the file, too") {
    const Directory directory;
    {
        NodeRun run(directory.database());
        run.store("old", "v");
        run.save();
        run.cache().clear(at(2'000'000), [](auto) {});
        run.save();
    }
    NodeRun run(directory.database());
    REQUIRE(run.cache().size() == 0);
    REQUIRE(entries_in(directory.database()).contains("old"));
    run.store("new", "v");
    run.save();
    CHECK(entries_in(directory.database()).size() == 1);
}

TEST_CASE("snapshot: what was removed and forgotten between two snapshots does not come back") {
    const Directory directory;
    {
        NodeRun run(directory.database());
        run.store("removed", "v");
        run.store("stays", "v");
        run.save();
        run.remove("removed");
        const auto removed = run.cache().lock("removed").find("removed")->changed;
        for (unsigned shard = 0; shard < cache::Cache::shard_count; ++shard) {
            const auto later = removed + std::chrono::microseconds(1);
            run.cache().lock(shard).clean(later, later, at(0), [](auto, auto) {});
        }
        REQUIRE(run.content() == "stays 1000002=v\n");
        CHECK(run.save().forgotten == 1);
    }
    CHECK(NodeRun(directory.database()).content() == "stays 1000002=v\n");
}

TEST_CASE("snapshot: what changed and was forgotten before it was saved does not come back older") {
    const Directory directory;
    {
        NodeRun run(directory.database());
        run.store("key", "old");
        run.save();
        run.store("key", "new");
        const auto changed = run.cache().lock("key").find("key")->changed;
        const auto later = changed + std::chrono::hours(1);
        run.cache().lock("key").clean(later, changed, later, [](auto, auto) {});
        REQUIRE(run.content() == "");
        run.store("another", "1");
        run.end();
    }
    CHECK_FALSE(NodeRun(directory.database()).cache().lock("key").find("key"));
}

TEST_CASE("snapshot: what a start could not take stays away, though an older state would fit") {
    const Directory directory;
    {
        NodeRun run(directory.database());
        run.store("key", "small");
        run.save();
        run.store("key", std::string(3'000'000, 'v'));
        run.end();
    }
    Told told;
    const auto restored =
        restore({.path = directory.database(), .memory = 1U << 20U}, some_time(), told.tell());
    REQUIRE(restored.has_value());
    CHECK_FALSE(restored->cache->lock("key").find("key"));
}

TEST_CASE("snapshot: what a start has left out once, but has, does not go from the file") {
    const Directory directory;
    std::string content;
    {
        NodeRun run(directory.database());
        run.store("key", "of another time");
        run.save();
        // The clear takes it away, and then it is stored anew.
        run.cache().clear(at(2'000'000), [](auto) {});
        run.cache().lock("key").store("key", "new", at(3'000'000));
        content = run.content();
        run.end();
    }
    {
        NodeRun run(directory.database());
        REQUIRE(run.content() == content);
        run.store("another", "1");
        run.save();
        content = run.content();
    }
    CHECK(NodeRun(directory.database()).content() == content);
}

TEST_CASE("snapshot: what a clear ended stays dead when the time of that is corrected") {
    const Directory directory;
    {
        NodeRun run(directory.database());
        run.store("key", "1");
        const auto changed = run.cache().lock("key").find("key")->changed;
        run.save();
        // By a clock that is an hour ahead.
        const auto since = run.cache().last_sequence();
        run.cache().clear(changed + std::chrono::minutes(59), [](auto) {});
        run.save();
        run.cache().correct(-std::chrono::hours(1), {.since = since, .cleared = true});
        REQUIRE(run.cache().size() == 0);
        run.save();
    }
    NodeRun again(directory.database());
    CHECK(again.cache().size() == 0);
}

TEST_CASE("snapshot: what only the store forgets goes from the file, too") {
    const Directory directory;
    {
        NodeRun run(directory.database());
        run.store("key", "v");
        run.store("stays", "v");
        run.save();
        forget_all_but(run, "stays");
        REQUIRE(run.cache().size() == 1);
        CHECK(run.save().forgotten == 1);
        CHECK(run.save().forgotten == 0);
    }
    CHECK(NodeRun(directory.database()).cache().size() == 1);
}

}  // namespace clacks::persistence
