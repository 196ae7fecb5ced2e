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
        return cache.lock(listed_shard).keys_after(after, limit, any, at(10));
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

TEST_CASE("cache: a page of keys is the next ones of the shard, in order") {
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

TEST_CASE("cache: a page may begin after a key that is not there, and be of no keys") {
    Filled filled;
    const Keys& keys = filled.keys;
    CHECK(filled.page(keys[41] + '\0', 1) == Keys{keys[42]});
    CHECK(filled.page("", 0).empty());
    CHECK(filled.page("s", 10).empty());
    CHECK(filled.page("a", 1) == Keys{keys[0]});
}

TEST_CASE("cache: from the start includes the empty key") {
    Cache cache;
    store(cache, "", "value", 10);
    CHECK(cache.lock("").keys_after("", 10, any, at(10)) == Keys{""});
}

TEST_CASE("cache: page by page every key is listed once, whatever is written meanwhile") {
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

TEST_CASE("cache: a page holds what matches, and is full of it") {
    Filled filled;
    const auto ends_in_7 = [](std::string_view key) { return key.back() == '7'; };
    Keys expected;
    std::copy_if(filled.keys.begin(), filled.keys.end(), std::back_inserter(expected), ends_in_7);
    REQUIRE(expected.size() > 20);
    auto locked = filled.cache.lock(listed_shard);
    CHECK(locked.keys_after("", no_limit, ends_in_7, at(10)) == expected);
    expected.resize(15);
    CHECK(locked.keys_after("", 15, ends_in_7, at(10)) == expected);
    CHECK(locked
              .keys_after(
                  "", 15, [](std::string_view) { return false; }, at(10))
              .empty());
}

TEST_CASE("cache: a page holds living keys only") {
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
    CHECK(cache.lock(listed_shard).keys_after("", 10, any, at(29)) == Keys{expiring, living});
    CHECK(cache.lock(listed_shard).keys_after("", 10, any, at(30)) == Keys{living});
}

TEST_CASE("cache: pages are sorted bytewise") {
    Cache cache;
    Keys keys;
    for (const char* name : {"a", "B", "\x7f", "\x80", "\xff", "a:", "a::b", ""}) {
        keys.push_back(in_shard(cache, name));
        store(cache, keys.back(), "value", 10);
    }
    std::sort(keys.begin(), keys.end());
    CHECK(keys.back().front() == '\xff');
    CHECK(cache.lock(listed_shard).keys_after("", 10, any, at(10)) == keys);
}
