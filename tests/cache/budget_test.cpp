#include <doctest/doctest.h>

#include <random>
#include <string>
#include <thread>
#include <vector>

#include "bounded.hpp"
#include "cache/cursor.hpp"

using namespace clacks::cache;
using Refused = Room::Refused;

namespace {

constexpr std::size_t mebibyte = 1U << 20U;

/// Writes of all kinds, of all sizes.
void churn(Cache& cache, unsigned seed, int steps) {
    std::mt19937 random(seed);
    for (int i = 0; i < steps; ++i) {
        const std::string key = numbered("key", static_cast<long>(random() % 20'000));
        const std::string value(std::size_t{1} << (random() % 15), 'x');
        switch (random() % 8) {
            case 0:
                put_tombstone(cache, key, i);
                break;
            case 1:
                increment(cache, key, i);
                break;
            case 2:
                put(cache, key, value, i, at(i + 1000));
                break;
            case 3:
                get(cache, key, i);
                break;
            default:
                put(cache, key, value, i);
        }
    }
}

/// Whoever keeps copies has one of everything.
void copy_all(Cursor& copies) {
    for (unsigned shard = 0; shard < Cache::shard_count; ++shard) {
        copies.step(
            shard, [](const EntryView&) { return true; }, [](bool) {});
    }
}

}  // namespace

TEST_CASE("budget: what is forgotten is given back, whatever became of it before") {
    Cache cache({1, 2});
    std::size_t left = 0;
    for (int round = 0; round < 3; ++round) {
        churn(cache, 7, 30'000);
        clear(cache, 40'000);
        churn(cache, 7, 30'000);
        // First what has expired becomes a tombstone, then all is forgotten.
        for (int i = 0; i < 2; ++i) clean(cache, 1'000'000, 1'000'000, 1'000'000);
        CHECK(cache.budget().tombstones() == 0);
        if (round > 1) CHECK(cache.budget().used() == left);  // nothing but the tables
        left = cache.budget().used();
    }
}

TEST_CASE("budget: the keys of what is forgotten count until whoever has copies takes them") {
    Cache cache({1, 2});
    Cursor copies(cache, 0, Cursor::Keeping::copies);
    constexpr long count = 10'000;
    for (long i = 0; i < count; ++i) put(cache, numbered("a key of more than 15 bytes ", i), "", i);
    copy_all(copies);
    clean(cache, 1'000'000, 0, 1'000'000);
    REQUIRE(cache.size() == 0);
    const std::size_t with_keys = cache.budget().used();
    std::size_t told = 0;
    for (unsigned shard = 0; shard < Cache::shard_count; ++shard) {
        told += cache.lock(shard).take_forgotten().keys().size();
    }
    CHECK(told == count);
    // The bytes of each, and where they are.
    CHECK(with_keys - cache.budget().used() >= count * (29 + sizeof(std::string)));
}

TEST_CASE("budget: the keys of what is forgotten never take what the living need") {
    Cache cache({1, 2});
    Cursor copies(cache, 0, Cursor::Keeping::copies);
    const auto fill = [&](std::size_t memory) {
        cache.set_budget(memory, true);
        while (!cache.trim(at(1))) {
        }
        for (long i = 0; i < 100'000; ++i) {
            put(cache, numbered("a key of more than 15 bytes ", i), "value", i);
            if (i % 100 == 0) copy_all(copies);
            if (cache.budget().used() > memory) return std::size_t{0};
        }
        return cache.size();
    };
    CHECK(fill(8 * mebibyte) > 8 * mebibyte / 200);
    CHECK(fill(2 * mebibyte) > 2 * mebibyte / 200);
    // What was remembered with more than that is given up.
    CHECK(cache.lock(0).take_forgotten().incomplete());
}

TEST_CASE("budget: the store stays within it, whatever is written") {
    Cache cache({1, 2});
    cache.set_budget(8 * mebibyte, true);
    for (unsigned seed = 0; seed < 100; ++seed) {
        churn(cache, seed, 500);
        REQUIRE(cache.budget().used() <= 8 * mebibyte);
    }
    CHECK(cache.budget().used() > 6 * mebibyte);
    CHECK(cache.budget().evicted() > 0);
}

TEST_CASE("budget: threads that write at the same time stay within it together") {
    Cache cache({1, 2});
    cache.set_budget(8 * mebibyte, true);
    std::vector<std::thread> threads;
    for (unsigned seed = 0; seed < 4; ++seed) {
        threads.emplace_back([&cache, seed] { churn(cache, seed, 20'000); });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(cache.budget().used() <= 8 * mebibyte);
    for (int i = 0; i < 2; ++i) clean(cache, 1'000'000, 1'000'000, 1'000'000);
    CHECK(cache.size() == 0);
    CHECK(cache.budget().tombstones() == 0);
}

TEST_CASE(
    "budget: it is that of all shards together, so a large value finds room in a full store") {
    Cache cache({1, 2});
    cache.set_budget(64 * mebibyte, true);
    const std::string small(1000, 'x');
    for (long i = 0; i < 100'000; ++i) put(cache, numbered("small", i), small, i);
    const std::string large(8 * mebibyte, 'x');
    CHECK(put(cache, "large", large, 100'000) == Refused::no);
    CHECK(get(cache, "large", 100'001));
    CHECK(cache.budget().used() <= 64 * mebibyte);
}

TEST_CASE("budget: an entry that is larger is refused, and nothing has to go for it") {
    Cache cache({1, 2});
    cache.set_budget(8 * mebibyte, true);
    put(cache, "key", "value", 1);
    CHECK(put(cache, "large", std::string(8 * mebibyte, 'x'), 2) == Refused::too_large);
    CHECK(put(cache, "key", std::string(8 * mebibyte, 'x'), 2) == Refused::too_large);
    CHECK(entry(cache, "key") == "1 1 from 0: value");
    CHECK(cache.budget().evicted() == 0);
}

TEST_CASE("budget: a smaller one is kept to bit by bit") {
    Cache cache({1, 2});
    cache.set_budget(16 * mebibyte, true);
    const std::string value(100, 'x');
    for (long i = 0; i < 100'000; ++i) put(cache, numbered("key", i), value, i);
    CHECK(cache.budget().used() > 15 * mebibyte);
    cache.set_budget(8 * mebibyte, true);
    CHECK_FALSE(cache.trim(at(100'000)));
    int rounds = 0;
    while (!cache.trim(at(100'000)) && rounds < 10'000) ++rounds;
    CHECK(rounds < 10'000);
    CHECK(rounds > 100);
    CHECK(cache.budget().used() <= 8 * mebibyte);
}

TEST_CASE("budget: a far smaller one is not used up by what the larger one has left behind") {
    Cache cache({1, 2});
    cache.set_budget(256 * mebibyte, true);
    for (long i = 0; i < 1'000'000; ++i) put(cache, numbered("key", i), "value", i);
    REQUIRE(cache.size() == 1'000'000);
    cache.set_budget(8 * mebibyte, true);
    for (int rounds = 0; !cache.trim(at(1'000'000)) && rounds < 100'000; ++rounds) {
    }
    CHECK(cache.budget().used() <= 8 * mebibyte);
    CHECK(cache.size() > 40'000);
}

TEST_CASE("budget: where nothing is evicted, what does not fit is refused and nothing changes") {
    Cache cache({1, 2});
    cache.set_budget(8 * mebibyte, false);
    const std::string value(1000, 'x');
    long count = 0;
    while (put(cache, numbered("key", count), value, 1) == Refused::no) ++count;
    CHECK(count > 5'000);
    CHECK(cache.budget().evicted() == 0);
    CHECK(cache.size() == static_cast<std::size_t>(count));
    CHECK(put(cache, "another", value, 2) == Refused::full);
    long counters = 0;  // in what was too little for the value
    while (counters < 100 && increment(cache, numbered("count", counters), 2) == Refused::no) {
        ++counters;
    }
    CHECK(counters < 100);
    CHECK(entry(cache, "another") == "nothing");
    CHECK(put(cache, "another", std::string(8 * mebibyte, 'x'), 2) == Refused::too_large);
    // For what is there already there is room.
    CHECK(put(cache, "key0", std::string(1000, 'y'), 2) == Refused::no);
    CHECK(cache.lock("key0").find("key0")->value.front() == 'y');
}

TEST_CASE("budget: a full store that evicts nothing takes what is new when something is removed") {
    Cache cache({1, 2});
    cache.set_budget(8 * mebibyte, false);
    const std::string value(1000, 'x');
    long count = 0;
    while (put(cache, numbered("key", count), value, 1) == Refused::no) ++count;
    for (long i = 0; i < count / 2; ++i) put_tombstone(cache, numbered("key", i), 2);
    long again = 0;
    while (put(cache, numbered("new", again), value, 3) == Refused::no) ++again;
    CHECK(again > count / 3);
    clear(cache, 4);
    CHECK(put(cache, "after", value, 5) == Refused::no);
    CHECK(cache.budget().used() <= 8 * mebibyte);
}

TEST_CASE("budget: room for the many entries that a file says it has is made within it") {
    Cache cache({1, 2});
    cache.set_budget(8 * mebibyte, true);
    cache.reserve(100'000'000);
    CHECK(cache.budget().used() > mebibyte);
    CHECK(put(cache, "key", "value", 1) == Refused::no);
    CHECK(cache.budget().used() < 8 * mebibyte);
    CHECK(cache.size() == 1);
}

TEST_CASE("budget: a store that was very large still holds as much as one that never was") {
    Cache cache({1, 2});
    cache.set_budget(1024 * mebibyte, true);
    for (long i = 0; i < 2'000'000; ++i) put(cache, numbered("key", i), "value", i);
    REQUIRE(cache.size() == 2'000'000);
    cache.set_budget(mebibyte, true);
    for (int rounds = 0; !cache.trim(at(2'000'000)) && rounds < 100'000; ++rounds) {
    }
    CHECK(cache.budget().used() <= mebibyte);
    CHECK(cache.size() > 4'000);
}

TEST_CASE("budget: the table of counters is given back with what was counted") {
    Cache cache({1, 2});
    cache.set_budget(64 * mebibyte, true);
    for (long i = 0; i < 40'000; ++i) increment(cache, numbered("count", i), i);
    REQUIRE(cache.size() == 40'000);
    cache.set_budget(2 * mebibyte, true);
    for (int rounds = 0; !cache.trim(at(40'000)) && rounds < 100'000; ++rounds) {
    }
    CHECK(cache.budget().used() <= 2 * mebibyte);
    CHECK(cache.size() > 2'500);
}

TEST_CASE("budget: who tries to free what cannot be freed gives up") {
    Cache cache({1, 2});
    cache.set_budget(8 * mebibyte, true);
    put(cache, "key", "value", 1);
    cache.set_budget(1, true);
    int rounds = 0;
    while (!cache.trim(at(2)) && rounds < 100) ++rounds;
    CHECK(rounds < 10);
    CHECK(cache.size() == 0);
}
