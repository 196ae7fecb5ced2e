#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

#include "cache/cache.hpp"
#include "state.hpp"

using namespace clacks::cache;

TEST_CASE("cache: tombstones stay until their time, to the microsecond") {
    Cache cache;
    remove(cache, "old", 10);
    remove(cache, "young", 11);
    CHECK(clean(cache, 100, 10, 0).empty());
    CHECK(clean(cache, 100, 11, 0) == std::set<std::string>{"old deleted"});
    CHECK(content(cache) == "young deleted 11\n");
}

TEST_CASE("cache: entries that nobody reads become stale") {
    Cache cache;
    store(cache, "unread", "value", 10);
    store(cache, "read", "value", 10);
    store(cache, "written", "value", 10);
    cache.lock("read").retrieve("read", at(1'000'010));
    store(cache, "written", "value", 1'000'010);
    CHECK(clean(cache, 2'000'000, 0, 10).empty());
    CHECK(clean(cache, 2'000'000, 0, 20) == std::set<std::string>{"unread stale"});
    CHECK(entry(cache, "unread") == "nothing");
    CHECK(cache.size() == 2);
}

TEST_CASE("cache: staleness does not touch tombstones, nor collection what lives") {
    Cache cache;
    store(cache, "living", "value", 10);
    remove(cache, "gone", 10);
    CHECK(clean(cache, 100, /*deleted_before=*/0, /*stale_before=*/100) ==
          std::set<std::string>{"living stale"});
    store(cache, "living", "value", 10);
    CHECK(clean(cache, 100, /*deleted_before=*/100, /*stale_before=*/0) ==
          std::set<std::string>{"gone deleted"});
    CHECK(content(cache) == "living 10=value\n");
}

TEST_CASE("cache: what was cleared is collected by the time of the clear") {
    Cache cache;
    store(cache, "key", std::string(1000, 'x'), 10);
    clear(cache, 50);
    CHECK(clean(cache, 100, 50, 100).empty());
    CHECK(content(cache) == "key deleted 50\n");
    CHECK(clean(cache, 100, 51, 0) == std::set<std::string>{"key deleted"});
    CHECK(content(cache) == "");
    CHECK(cache.size() == 0);
}

TEST_CASE("cache: cleaning gives back the memory of values that were cleared") {
    Cache cache;
    store(cache, "key", std::string(100'000, 'x'), 10);
    const char* const place = cache.lock("key").find("key")->value.data();
    clear(cache, 50);
    clean(cache, 100, 0, 0);
    // The tombstone has a record of its own: an empty value, elsewhere.
    CHECK(cache.lock("key").find("key")->value.data() != nullptr);
    CHECK(cache.lock("key").find("key")->value.data() != place);
}

TEST_CASE("cache: a collected tombstone of a clear does not let old entries in") {
    Cache cache;
    store(cache, "key", "value", 10);
    clear(cache, 50);
    clean(cache, 100, 100, 0);
    CHECK(merge_plain(cache, living("key", "value", 10, 7)) == Merge::superseded);
    CHECK(entry(cache, "key") == "deleted 50 from 0");
}

TEST_CASE("cache: cleaning many keys forgets exactly the old ones") {
    Cache cache;
    for (int i = 0; i < 5000; ++i) store(cache, std::to_string(i), "value", i);
    CHECK(clean(cache, 100, 0, 4000).size() == 4000);
    CHECK(cache.size() == 1000);
    for (int i = 4000; i < 5000; ++i) {
        CAPTURE(i);
        CHECK(cache.lock(std::to_string(i)).find(std::to_string(i)));
    }
}

TEST_CASE("cache: cleaning in steps ends with the same as cleaning at once") {
    Cache cache;
    constexpr unsigned shard = 3;
    std::size_t count = 0;
    for (int i = 0; i < 5000; ++i) {
        const std::string key = std::to_string(i);
        if (cache.shard_of(key) != shard) continue;
        ++count;
        store_until(cache, key, "value", 10, i % 2 ? 20 : 1000);
    }
    REQUIRE(count > 100);
    std::size_t steps = 1;
    std::set<std::string> gone;
    const auto step = [&] {
        std::size_t told = 0;
        const bool done = cache.lock(shard).clean(
            at(30), at(15), at(15),
            [&](std::string_view key, Cleaned) {
                ++told;
                CHECK(gone.insert(std::string(key)).second);
            },
            /*work=*/20);
        CHECK(told <= 10);
        return done;
    };
    while (!step()) ++steps;
    // The marks of eviction in the list are looked at, too.
    CHECK(steps >= (count + 9) / 10);
    CHECK(steps <= (count + 9) / 10 + 1);
    CHECK(gone.size() == count);
    CHECK(cache.size() == 0);
}

TEST_CASE("cache: cleaning goes on where it stopped, and looks at no more than it may") {
    Cache cache;
    constexpr unsigned shard = 3;
    std::vector<std::string> keys;
    for (int i = 0; keys.size() < 1000; ++i) {
        const std::string key = std::to_string(i);
        if (cache.shard_of(key) != shard) continue;
        keys.push_back(key);
        store(cache, key, "value", 10);
    }
    std::size_t gone = 0;
    const auto step = [&](long stale_before) {
        return cache.lock(shard).clean(
            at(30), at(0), at(stale_before), [&](std::string_view, Cleaned) { ++gone; },
            /*work=*/10);
    };
    int steps = 1;
    while (!step(/*stale_before=*/0)) ++steps;
    CHECK(steps >= 1000 / 10);
    CHECK(steps <= 1000 / 10 + 1);
    CHECK_FALSE(step(0));
    store(cache, keys.front(), "value", 30);  // behind all others now
    store(cache, keys[999], "value", 30);
    while (!step(20)) {
    }
    CHECK(gone + cache.size() == 1000);
    CHECK(cache.lock(keys.front()).find(keys.front()));
    CHECK(cache.lock(keys[999]).find(keys[999]));
    while (!step(20)) {
    }
    CHECK(cache.size() == 2);
}

TEST_CASE("cache: cleaning comes to an end, however much changes meanwhile") {
    Cache cache;
    constexpr unsigned shard = 3;
    std::vector<std::string> keys;
    for (int i = 0; keys.size() < 200; ++i) {
        const std::string key = std::to_string(i);
        if (cache.shard_of(key) != shard) continue;
        keys.push_back(key);
        store(cache, key, "value", 10);
    }
    int steps = 1;
    const auto step = [&] {
        return cache.lock(shard).clean(
            at(30), at(0), at(0), [](auto, auto) {}, /*work=*/100);
    };
    while (!step() && steps < 100) {
        for (const std::string& key : keys) store(cache, key, "other", 20);
        ++steps;
    }
    CHECK(steps < 5);
}
