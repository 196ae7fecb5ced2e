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
    for (int i = 0; i < 1000; ++i) run.store("key" + std::to_string(i), "v");
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

/// Forgets all entries but one, as nobody has looked at them for so long.
void forget_all_but(NodeRun& run, std::string_view stays) {
    const auto stale = run.cache().lock(stays).find(stays)->changed;
    for (unsigned shard = 0; shard < cache::Cache::shard_count; ++shard)
        run.cache().lock(shard).clean(stale, at(0), stale, [](auto, auto) {});
}

TEST_CASE("snapshot: what the store has forgotten goes from the file, however much it is") {
    for (const int count : {500, 100'000}) {
        CAPTURE(count);
        const Directory directory;
        {
            NodeRun run(directory.database());
            for (int i = 0; i < count; ++i) run.store("key" + std::to_string(i), "v");
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

TEST_CASE("snapshot: times that have moved are all written again") {
    const Directory directory;
    std::string before;
    {
        NodeRun run(directory.database());
        for (int i = 0; i < 100; ++i) run.store("key" + std::to_string(i), "v");
        run.save();
        run.cache().shift(std::chrono::hours(1), [] {});
        CHECK(run.save().written == 100);
        before = run.content();
    }
    CHECK(NodeRun(directory.database()).content() == before);
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

TEST_CASE("snapshot: what is written again and again does not fill the disk") {
    const Directory directory;
    const auto blocks_bytes = [&] {
        return number(directory.database(), "SELECT sum(length(bytes)) FROM block");
    };
    constexpr int keys = 2000;
    const std::string value(1000, 'v');
    std::string content;
    std::uint64_t written = 0;
    {
        NodeRun run(directory.database());
        for (int i = 0; i < keys; ++i) run.store("key" + std::to_string(i), value);
        run.save();
        const auto once = blocks_bytes();
        constexpr int rounds = 40;
        for (int round = 0; round < rounds; ++round) {
            for (int i = 0; i < keys; i += 2)
                run.store("key" + std::to_string(i), value + std::to_string(round));
            written += run.save().written;
            REQUIRE(blocks_bytes() < 4 * once);
        }
        // Twenty times as much has changed as there is; not much more has been written.
        CHECK(written < 3 * rounds * keys / 2);
        content = run.content();
    }
    CHECK(NodeRun(directory.database()).content() == content);
}

TEST_CASE("snapshot: a large entry that stays is not written again for a small one that changes") {
    const Directory directory;
    NodeRun run(directory.database());
    run.store("large", std::string(1'000'000, 'v'));
    std::string small = "small";
    while (run.cache().shard_of(small) != run.cache().shard_of("large")) small += 's';
    for (int i = 0; i < 1000; ++i) {
        run.store(small, std::to_string(i));
        run.save();
    }
    CHECK(run.content().ends_with("=999\n"));
    CHECK(number(directory.database(), "SELECT count(*) FROM block") == 1001);
}

TEST_CASE("snapshot: what changes while its shard is written anew is in it") {
    const Directory directory;
    const std::string value(5000, 'v');
    std::string content;
    {
        NodeRun run(directory.database());
        std::jthread writer([&](const std::stop_token& stop) {
            for (long i = 1; !stop.stop_requested(); ++i) {
                const std::string key = "key" + std::to_string(i % 300);
                auto shard = run.cache().lock(key);
                if (i % 7 == 0) {
                    shard.remove(key, at(i));
                } else {
                    shard.store(key, value + std::to_string(i), at(i));
                }
                if (i % 11 == 0) shard.clean(at(i), at(i - 50), at(i - 250), [](auto, auto) {});
            }
        });
        const auto all_written_anew = [&] {
            return number(directory.database(), "SELECT min(id & 0xffffffff) FROM block") > 0;
        };
        for (int saves = 0; saves < 100 || !all_written_anew(); ++saves) run.save();
        writer.request_stop();
        writer.join();
        run.save();
        content = run.content();
    }
    CHECK(NodeRun(directory.database()).content() == content);
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

TEST_CASE("snapshot: a counter that many have counted does not make a shard be written anew") {
    const Directory directory;
    NodeRun run(directory.database());
    cache::Counter counter;
    counter.expires_set = at(1);
    for (unsigned i = 1; i <= 4000; ++i) {
        counter.contributions.push_back(
            {.id = i, .started = at(10), .changed = at(20), .count = 1, .sum = "1"});
    }
    auto counted = cache::living("counted", "4000", 20);
    counted.counter = &counter;
    cache::merge(run.cache(), counted);
    std::string other = "other";
    while (run.cache().shard_of(other) != run.cache().shard_of("counted")) other += '.';
    run.store(other, "1");
    run.save();
    for (int i = 0; i < 3; ++i) {
        run.store(other, "2");
        CHECK(run.save().written == 1);
    }
}

TEST_CASE("snapshot: an earlier state of the file in place of it is written anew") {
    const Directory directory;
    const std::string earlier = directory.path() / "earlier.db";
    std::string content;
    {
        NodeRun run(directory.database());
        run.store("gone", "v");
        run.store("stays", "v");
        run.save();
        alter(directory.database(), "VACUUM INTO '" + earlier + "'");
        forget_all_but(run, "stays");
        run.present().positions = {{"another node", 1}};
        run.save();
        for (const char* part : {"", "-wal", "-shm"})
            std::filesystem::remove(directory.database() + part);
        std::filesystem::rename(earlier, directory.database());
        run.store("stays", "w");
        run.save();
        content = run.content();
    }
    CHECK(NodeRun(directory.database()).content() == content);
}

}  // namespace clacks::persistence
