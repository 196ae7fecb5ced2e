// What a wrong clock has written is moved to where it belongs.
#include <doctest/doctest.h>

#include "tests/cache/state.hpp"

using namespace clacks::cache;
using namespace std::chrono_literals;

TEST_CASE("correct: what was written here since then moves, and is told again") {
    Cache cache(HashKey{}, 7ULL << 32U);
    store(cache, "before", "1", 10);
    const Sequence since = cache.last_sequence();
    store(cache, "ours", "1", 1000);
    store_until(cache, "ending", "1", 1001, 2000);
    store(cache, "known", "1", 1002);
    auto known = *cache.lock("known").find("known");
    const std::string value(known.value);
    known = {.key = "known", .value = value, .changed = known.changed, .origin = 5, .writer = 7};
    REQUIRE(merge(cache, known) == Merge::same);  // a peer has it
    merge(cache, living("theirs", "1", 30));
    cache.correct(-900us, {.since = since});
    CHECK(content(cache) == "before 10=1\nending 101=1\nknown 102=1\nours 100=1\ntheirs 30=1\n");
    CHECK(cache.lock("ending").find("ending")->expires == at(1100));
    CHECK(cache.lock("ours").find("ours")->sequence > since + 4);
    CHECK(cache.lock("known").find("known")->origin == local_origin);
    CHECK(cache.lock("theirs").find("theirs")->sequence == since + 4);
    CHECK(cache.lock("before").find("before")->sequence == since);
}

TEST_CASE("correct: what plain nodes told us by that clock moves too, if asked for") {
    Cache cache(HashKey{}, 7ULL << 32U);
    merge_plain(cache, living("theirs", "1", 1000));
    cache.correct(-900us, {.since = 0, .of_others = true});
    CHECK(content(cache) == "theirs 100=1\n");
}

TEST_CASE("correct: what a clear has ended stays dead when that is found to have been earlier") {
    Cache cache(HashKey{}, 7ULL << 32U);
    store(cache, "a", "1", 10);
    store(cache, "counted", "1", 150);
    cache.lock("counted").add("counted", "1", false, at(160));
    const Sequence since = cache.last_sequence();
    clear(cache, 1000);
    store(cache, "after", "1", 1001);
    cache.correct(-900us, {.since = since, .cleared = true});
    CHECK(cache.cleared() == at(100));
    CHECK(cache.size() == 1);
    CHECK(cache.keys(at(2000)) == std::vector<std::string>{"after"});
    CHECK(merge(cache, living("old", "1", 99)) == Merge::kept);
    CHECK(merge(cache, living("new", "1", 101)) == Merge::taken);
    // Another node's clear comes by every counter.
    cache.merge_clear(at(105));
    CHECK(cache.size() == 0);
}

TEST_CASE("correct: what came after a clear lives on when that is found to have been later") {
    Cache cache(HashKey{}, 7ULL << 32U);
    store(cache, "before", "1", 10);
    const Sequence since = cache.last_sequence();
    clear(cache, 100);
    store(cache, "after", "1", 101);
    cache.lock("counted").add("counted", "3", false, at(102));
    cache.correct(900us, {.since = since, .cleared = true});
    CHECK(cache.cleared() == at(1000));
    CHECK(cache.size() == 2);
    CHECK(cache.keys(at(2000)) == std::vector<std::string>{"after", "counted"});
    CHECK(cache.lock("after").find("after")->changed == at(1001));
    CHECK(cache.lock("counted").find("counted")->changed == at(1002));
    cache.lock("counted").add("counted", "1", false, at(2000));
    CHECK(cache.lock("counted").retrieve("counted", at(2000)) == "4");
}
