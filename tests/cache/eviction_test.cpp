#include <doctest/doctest.h>

#include <string>

#include "bounded.hpp"
#include "cache/cursor.hpp"

using namespace clacks::cache;

namespace {

constexpr std::size_t store_bytes = 4U << 20U;
const std::string cold_value(100, 'x');

/// Fills the store several times over with keys that nobody asks for.
void scan(Cache& cache, long from, long count) {
    for (long i = from; i < from + count; ++i) put(cache, numbered("cold", i), cold_value, i);
}

long count_present(Cache& cache, std::string_view name, long count, long now) {
    long present = 0;
    for (long i = 0; i < count; ++i) {
        const std::string key = numbered(name, i);
        if (cache.lock(key).find_living(key, at(now))) ++present;
    }
    return present;
}

}  // namespace

TEST_CASE("eviction: cold keys, however many, do not take the place of those in use") {
    Cache cache({1, 2});
    cache.set_budget(store_bytes, true);
    constexpr long hot = 5'000;
    for (long i = 0; i < hot; ++i) put(cache, numbered("hot", i), cold_value, i);
    for (long i = 0; i < hot; ++i) get(cache, numbered("hot", i), i);
    scan(cache, 10'000, 500'000);
    CHECK(cache.budget().evicted() > 400'000);
    CHECK(count_present(cache, "hot", hot, 600'000) == hot);
}

TEST_CASE("eviction: keys that are written again and again are in use") {
    Cache cache({1, 2});
    cache.set_budget(store_bytes, true);
    constexpr long hot = 1'000;
    for (long round = 0; round < 20; ++round) {
        for (long i = 0; i < hot; ++i) put(cache, numbered("hot", i), cold_value, round);
        scan(cache, 100'000 * (round + 1), 20'000);
    }
    CHECK(count_present(cache, "hot", hot, 3'000'000) == hot);
}

TEST_CASE("eviction: it is local forgetting, without a tombstone and without a change") {
    Cache cache({1, 2});
    cache.set_budget(store_bytes, true);
    put(cache, "first", cold_value, 1);
    Cursor cursor(cache, cache.last_sequence());
    scan(cache, 10, 50'000);
    CHECK(entry(cache, "first") == "nothing");
    CHECK(cache.budget().tombstones() == 0);
    CHECK(cache.last_sequence() == 50'001);
    std::size_t seen = 0;
    for (unsigned shard = 0; shard < Cache::shard_count; ++shard) {
        cursor.step(
            shard, [&](const EntryView&) { return ++seen > 0; }, [](bool) {});
    }
    CHECK(seen == cache.size());
    CHECK(cache.size() + cache.budget().evicted() == 50'001);
}

TEST_CASE("eviction: a key that comes back soon after it had to go joins those in use") {
    Cache cache({1, 2});
    cache.set_budget(store_bytes, true);
    scan(cache, 0, 40'000);
    const long kept = static_cast<long>(cache.size());
    const std::string back = numbered("cold", 40'000 - kept - 1'000);
    REQUIRE(entry(cache, back) == "nothing");
    put(cache, back, cold_value, 40'000);
    scan(cache, 50'000, 50'000);
    CHECK(cache.lock(back).find_living(back, at(100'000)).has_value());
}

TEST_CASE("eviction: what has expired or was cleared goes before anything that lives") {
    Cache cache({1, 2});
    cache.set_budget(store_bytes, true);
    for (long i = 0; i < 10'000; ++i) put(cache, numbered("short", i), cold_value, i, at(10'000));
    for (long i = 0; i < 10'000; ++i) get(cache, numbered("short", i), i);
    scan(cache, 20'000, 12'000);
    CHECK(cache.budget().evicted() == 0);
    clear(cache, 50'000);
    scan(cache, 60'000, 12'000);
    CHECK(cache.budget().evicted() == 0);
}

TEST_CASE("eviction: a flood of removals neither takes the place of what lives nor grows") {
    Cache cache({1, 2});
    cache.set_budget(store_bytes, true);
    constexpr long hot = 5'000;
    for (long i = 0; i < hot; ++i) put(cache, numbered("hot", i), cold_value, i);
    for (long i = 0; i < hot; ++i) get(cache, numbered("hot", i), i);
    scan(cache, 10'000, 50'000);
    const std::size_t living = cache.size();
    for (long i = 0; i < 200'000; ++i) put_tombstone(cache, numbered("gone", i), 100'000 + i);
    CHECK(cache.budget().used() <= store_bytes);
    CHECK(cache.budget().tombstones() <= store_bytes / 32 * 5);
    CHECK(cache.budget().evicted_tombstones() > 150'000);
    CHECK(cache.size() > living * 3 / 4);
    CHECK(count_present(cache, "hot", hot, 400'000) == hot);
    // The latest are those that are remembered.
    CHECK(entry(cache, "gone199999") == "deleted 299999 from 0");
    CHECK(entry(cache, "gone0") == "nothing");
}

TEST_CASE("eviction: living entries go before tombstones that are within their share") {
    Cache cache({1, 2});
    cache.set_budget(store_bytes, true);
    for (long i = 0; i < 2'000; ++i) put_tombstone(cache, numbered("gone", i), i);
    scan(cache, 10'000, 100'000);
    CHECK(cache.budget().evicted_tombstones() == 0);
    CHECK(entry(cache, "gone0") == "deleted 0 from 0");
}
