// What is saved comes back.
#include "persistence/snapshots.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>

#include "tests/persistence/node_run.hpp"

namespace clacks::persistence {

using cache::at;

TEST_CASE("snapshot: the store comes back as it was") {
    const Directory directory;
    std::string before;
    {
        NodeRun run(directory.database());
        run.store("plain", "value");
        run.store("empty", "");
        run.store(std::string_view("a\0key", 5), std::string_view("\0\xff\n=", 4));
        run.store("large", std::string(300'000, 'x'));
        run.store("removed", "x");
        run.remove("removed");
        run.increment("counted");
        run.increment("counted");
        run.store("counted too", "abc");
        run.increment("counted too");
        cache::store_until(run.cache(), "expires", "soon", 1'000'500, 9'000'000'000'000'000);
        auto flagged = cache::living("of another", "x", 77, 3);
        flagged.flags = 0xdeadbeef;
        cache::merge(run.cache(), flagged);
        before = run.content();
        run.end();
    }
    NodeRun run(directory.database());
    CHECK(run.content() == before);
    CHECK(run.cache().lock("expires").find("expires")->expires == at(9'000'000'000'000'000));
    CHECK(run.cache().lock("of another").find("of another")->flags == 0xdeadbeef);
    const auto parts = *run.cache().lock("counted too").find("counted too")->counter;
    CHECK(parts.base == "abc");
    CHECK(parts.contributions.size() == 1);
    CHECK(run.told().events.empty());
}

TEST_CASE("snapshot: what was not saved when the node was killed is lost, and nothing else") {
    const Directory directory;
    std::string saved;
    {
        NodeRun run(directory.database());
        run.store("a", "1");
        run.store("b", "1");
        run.save();
        saved = run.content();
        run.store("a", "2");
        run.remove("b");
    }
    CHECK(NodeRun(directory.database()).content() == saved);
}

TEST_CASE("snapshot: only what has changed is written") {
    const Directory directory;
    NodeRun run(directory.database());
    run.store_keys(1000);
    CHECK(run.save().written == 1000);
    CHECK(run.save().written == 0);
    run.store("key1", "w");
    run.store("key1", "x");
    run.remove("key2");
    CHECK(run.save().written == 2);
    CHECK(entries_in(directory.database()).size() == 1000);
}

TEST_CASE("snapshot: a run goes on where the one before it has saved") {
    const Directory directory;
    {
        NodeRun run(directory.database());
        run.store("a", "1");
        run.end();
    }
    {
        NodeRun run(directory.database());
        run.store("b", "1");
        CHECK(run.save().written == 1);
    }
    CHECK(NodeRun(directory.database()).content() == "a 1000001=1\nb 2000002=1\n");
}

TEST_CASE("snapshot: changes keep their numbers, and new ones come after all that were ever used") {
    const Directory directory;
    cache::Sequence of_a = 0;
    {
        NodeRun run(directory.database());
        run.store("b", "1");
        run.store("a", "1");
        of_a = run.cache().lock("a").find("a")->sequence;
        run.save();
        run.store("lost", "1");
    }
    cache::Sequence lost_at_most = 0;
    {
        NodeRun run(directory.database());
        CHECK(run.cache().lock("a").find("a")->sequence == of_a);
        run.store("c", "1");
        lost_at_most = run.cache().lock("c").find("c")->sequence;
        CHECK(lost_at_most > of_a + 1);
    }
    NodeRun run(directory.database());
    run.store("c", "1");
    CHECK(run.cache().lock("c").find("c")->sequence > lost_at_most);

    // Who has heard of `a` hears of `c`, and of nothing else.
    std::string heard;
    cache::Cursor cursor(run.cache(), of_a);
    for (unsigned shard = 0; shard < cache::Cache::shard_count; ++shard) {
        cursor.step(
            shard,
            [&](const cache::EntryView& entry) {
                heard += entry.key;
                return true;
            },
            [](bool) {});
    }
    CHECK(heard == "c");
}

TEST_CASE("snapshot: positions, times and the watermark come back") {
    const Directory directory;
    {
        NodeRun run(directory.database());
        run.store("a", "1");
        run.cache().clear(at(2'000'000), [](auto) {});
        run.present().positions = {{"node one", 17}, {"node two", 1ULL << 50U}};
        run.present().ahead = std::chrono::hours(5);
        run.present().time_root = "root";
        run.end();
    }
    NodeRun run(directory.database());
    CHECK(run.begun().positions == std::map<std::string, cache::Sequence, std::less<>>{
                                       {"node one", 17}, {"node two", 1ULL << 50U}});
    CHECK(run.begun().ahead == std::chrono::hours(5));
    CHECK(run.begun().time_root == "root");
    CHECK(run.begun().time >= at(1'000'001));
    CHECK(run.cache().cleared() == at(2'000'000));
    CHECK(run.cache().size() == 0);
    CHECK(cache::merge(run.cache(), cache::living("a", "1", 1'000'001)) == cache::Merge::kept);
}

TEST_CASE("snapshot: what changes again and again is in it as it was when it began, or later") {
    const Directory directory;
    NodeRun run(directory.database());
    std::atomic<long> stored{0};
    std::jthread writer([&](const std::stop_token& stop) {
        for (long i = 1; !stop.stop_requested(); ++i) {
            for (int k = 0; k < 200; ++k) {
                const std::string key = "key" + std::to_string(k);
                run.cache().lock(key).store(key, std::to_string(i), at(i));
            }
            stored = i;
        }
    });
    for (int saves = 0; saves < 50; ++saves) {
        const long before = stored;
        run.save();
        for (const auto& [key, value] : entries_in(directory.database()))
            REQUIRE(std::stol(value) >= before);
    }
}

TEST_CASE("snapshot: a store that is larger than the memory for it is read as far as it fits") {
    const Directory directory;
    {
        NodeRun run(directory.database());
        for (int i = 0; i < 2000; ++i) run.store("key" + std::to_string(i), std::string(1000, 'v'));
        run.end();
    }
    constexpr std::size_t memory = 1U << 20U;
    Told told;
    const auto restored =
        restore({.path = directory.database(), .memory = memory}, some_time(), told.tell());
    REQUIRE(restored.has_value());
    CHECK(restored->cache->budget().used() <= memory);
    CHECK(restored->cache->size() > 500);
    CHECK(restored->cache->size() < 1000);
}

}  // namespace clacks::persistence
