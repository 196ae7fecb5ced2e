#include "cache/key_scan.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "cache/cache.hpp"
#include "state.hpp"

using namespace clacks::cache;

namespace {

using Keys = std::vector<std::string>;

constexpr unsigned listed_shard = 5;
constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max();

bool any(std::string_view) { return true; }

// All of one scan.
template <class Matches>
Keys keys_after(Cache& cache, std::string_view after, std::size_t limit, Matches matches,
                long now) {
    KeyScan scan(cache, listed_shard, std::string(after), limit);
    while (!scan.step(matches, at(now))) {
    }
    return scan.take();
}

// A cache with many keys, and those of one shard, sorted.
struct Filled {
    Filled() {
        for (int i = 0; i < 10'000; ++i) {
            std::string key = "room" + std::to_string(i);
            if (cache.shard_of(key) == listed_shard) keys.push_back(key);
            store(cache, key, "value", 10);
        }
        std::sort(keys.begin(), keys.end());
    }

    Keys page(std::string_view after, std::size_t limit) {
        return keys_after(cache, after, limit, any, 10);
    }

    Cache cache{HashKey{1, 2}};
    Keys keys;
};

// A key that begins with `name` and is of the shard.
std::string in_shard(const Cache& cache, std::string_view name) {
    for (int i = 0;; ++i) {
        std::string key = std::string(name) + '#' + std::to_string(i);
        if (cache.shard_of(key) == listed_shard) return key;
    }
}

}  // namespace

TEST_CASE("key scan: a page of keys is the next ones of the shard, in order") {
    Filled filled;
    const Keys& keys = filled.keys;
    REQUIRE(keys.size() > 200);
    for (const std::size_t limit : {std::size_t{1}, std::size_t{2}, std::size_t{7},
                                    std::size_t{100}, keys.size(), no_limit}) {
        for (const std::size_t from :
             {std::size_t{0}, std::size_t{1}, keys.size() / 2, keys.size() - 1, keys.size()}) {
            CAPTURE(limit);
            CAPTURE(from);
            const std::size_t count = std::min(limit, keys.size() - from);
            const auto begin = keys.begin() + static_cast<std::ptrdiff_t>(from);
            const Keys expected(begin, begin + static_cast<std::ptrdiff_t>(count));
            CHECK(filled.page(from == 0 ? "" : keys[from - 1], limit) == expected);
        }
    }
}

TEST_CASE("key scan: a page may begin after a key that is not there") {
    Filled filled;
    const Keys& keys = filled.keys;
    CHECK(filled.page(keys[41] + '\0', 1) == Keys{keys[42]});
    CHECK(filled.page("s", 10).empty());
    CHECK(filled.page("a", 1) == Keys{keys[0]});
}

TEST_CASE("key scan: from the start includes the empty key") {
    Cache cache;
    store(cache, "", "value", 10);
    KeyScan scan(cache, cache.shard_of(""), "", 10);
    CHECK(scan.step(any, at(10)));
    CHECK(scan.take() == Keys{""});
}

TEST_CASE("key scan: page by page every key is listed once, whatever is written meanwhile") {
    Filled filled;
    Keys listed;
    for (int round = 0;; ++round) {
        CAPTURE(round);
        const Keys page = filled.page(listed.empty() ? "" : listed.back(), 10);
        if (page.empty()) break;
        listed.insert(listed.end(), page.begin(), page.end());
        // Many at once, so that the table grows and everything in it moves.
        for (int i = 0; i < 1000; ++i) {
            store(filled.cache, "a" + std::to_string(1000 * round + i), "value", 20);
        }
    }
    CHECK(listed == filled.keys);
}

TEST_CASE("key scan: a page holds what matches, and is full of it") {
    Filled filled;
    const auto ends_in_7 = [](std::string_view key) { return key.back() == '7'; };
    Keys expected;
    std::copy_if(filled.keys.begin(), filled.keys.end(), std::back_inserter(expected), ends_in_7);
    REQUIRE(expected.size() > 20);
    CHECK(keys_after(filled.cache, "", no_limit, ends_in_7, 10) == expected);
    expected.resize(15);
    CHECK(keys_after(filled.cache, "", 15, ends_in_7, 10) == expected);
    const auto none = [](std::string_view) { return false; };
    CHECK(keys_after(filled.cache, "", 15, none, 10).empty());
}

TEST_CASE("key scan: a page holds living keys only") {
    Cache cache;
    const std::string cleared = in_shard(cache, "cleared");
    store(cache, cleared, "value", 1);
    clear(cache, 2);
    const std::string living = in_shard(cache, "living");
    const std::string expiring = in_shard(cache, "expiring");
    const std::string removed = in_shard(cache, "removed");
    store(cache, living, "value", 10);
    store_until(cache, expiring, "value", 10, 30);
    remove(cache, removed, 10);
    CHECK(keys_after(cache, "", 10, any, 29) == Keys{expiring, living});
    CHECK(keys_after(cache, "", 10, any, 30) == Keys{living});
}

TEST_CASE("key scan: pages are sorted bytewise") {
    Cache cache;
    Keys keys;
    for (const char* name : {"a", "B", "\x7f", "\x80", "\xff", "a:", "a::b", ""}) {
        keys.push_back(in_shard(cache, name));
        store(cache, keys.back(), "value", 10);
    }
    std::sort(keys.begin(), keys.end());
    CHECK(keys.back().front() == '\xff');
    CHECK(keys_after(cache, "", 10, any, 10) == keys);
}

TEST_CASE("key scan: a step looks at so many entries, however many there are") {
    Cache cache{HashKey{1, 2}};
    std::size_t count = 0;
    for (int i = 0; count < 2 * KeyScan::entries_a_step + 10; ++i) {
        const std::string key = std::to_string(i);
        if (cache.shard_of(key) != listed_shard) continue;
        store(cache, key, "", 10);
        ++count;
    }
    KeyScan scan(cache, listed_shard, "", 10'000'000);
    std::vector<std::size_t> looked;
    for (bool at_end = false; !at_end;) {
        std::size_t looks = 0;
        at_end = scan.step([&](std::string_view) { return ++looks > 0; }, at(10));
        looked.push_back(looks);
    }
    // (The marks of others in the list count as entries.)
    CHECK(looked.size() == 3);
    for (const std::size_t looks : looked) CHECK(looks <= KeyScan::entries_a_step);
    CHECK(scan.take().size() == count);
}

TEST_CASE("key scan: what lives throughout is found once, whatever changes, comes and goes") {
    for (const std::size_t limit : {std::size_t{3}, std::size_t{50}}) {
        CAPTURE(limit);
        Filled filled;
        const Keys& keys = filled.keys;
        KeyScan scan(filled.cache, listed_shard, "", limit);
        for (std::size_t step = 0; !scan.step(any, at(10), /*looks=*/2); ++step) {
            REQUIRE(step < 10'000);
            // Behind the mark, before it and at it: what lives on moves to the end, once.
            if (step < keys.size()) store(filled.cache, keys[step], "changed", 20);
            if (step < keys.size()) store(filled.cache, keys[keys.size() - 1 - step], "longer", 20);
            const std::string other = in_shard(filled.cache, "z" + std::to_string(step));
            store(filled.cache, other, "value", 10);
            if (step % 2 == 0) remove(filled.cache, other, 20);
        }
        CHECK(scan.take() == Keys(keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(limit)));
    }
}

TEST_CASE("key scan: the entry at its mark may be forgotten") {
    Filled filled;
    KeyScan scan(filled.cache, listed_shard, "", 3);
    CHECK_FALSE(scan.step(any, at(10), /*looks=*/10));
    CHECK(clean(filled.cache, 100, 0, /*stale_before=*/100).size() == 10'000);
    CHECK(scan.step(any, at(10)));
    CHECK(scan.take().size() == 3);
    CHECK(filled.cache.size() == 0);
}
