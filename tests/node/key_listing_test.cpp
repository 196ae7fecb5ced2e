#include "server/node/key_listing.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "cache/cache.hpp"
#include "protocol/time.hpp"

using namespace clacks::node;
using clacks::WallTime;
using clacks::cache::Cache;

namespace {

constexpr WallTime now{std::chrono::seconds(1'700'000'000)};

bool anything(std::string_view) { return true; }

struct Listed {
    std::vector<std::string> keys;
    std::string end;  ///< the last line
    int steps_to_first_key = 0;
};

Listed list(Cache& cache, std::string_view arguments) {
    auto listing = *KeyListing::make(arguments);
    std::string text;
    Listed listed;
    for (bool done = false; !done;) {
        done = listing.step(cache, now, anything, text);
        if (text.find("\r\nKEY ") == std::string::npos) ++listed.steps_to_first_key;
    }
    for (std::size_t at = 0; at < text.size();) {
        const auto end = text.find("\r\n", at);
        listed.end = text.substr(at, end - at);
        if (listed.end.starts_with("KEY ")) listed.keys.push_back(listed.end.substr(4));
        at = end + 2;
    }
    return listed;
}

/// 100,000 keys, in their order: several runs for each shard.
std::vector<std::string> fill(Cache& cache) {
    std::vector<std::string> keys;
    for (int i = 0; i < 100'000; ++i) {
        auto& key = keys.emplace_back("key::" + std::to_string(i));
        cache.lock(key).store(key, "1", now);
    }
    std::sort(keys.begin(), keys.end());
    return keys;
}

}  // namespace

TEST_CASE("key listing: a large store is listed whole and in order, each key once") {
    Cache cache;
    const auto keys = fill(cache);
    const auto all = list(cache, "");
    CHECK(all.keys == keys);
    CHECK(all.end == "KEYLISTEND");
    const auto from = keys.begin() + 50'000;
    CHECK(list(cache, "after=" + *(from - 1)).keys == std::vector<std::string>(from, keys.end()));
    CHECK(list(cache, "key::7777*").keys ==
          std::vector<std::string>{"key::7777", "key::77770", "key::77771", "key::77772",
                                   "key::77773", "key::77774", "key::77775", "key::77776",
                                   "key::77777", "key::77778", "key::77779"});
}

TEST_CASE(
    "key listing: the first keys go out after one look at each shard, however many there are") {
    Cache cache;
    fill(cache);
    CHECK(list(cache, "").steps_to_first_key < static_cast<int>(Cache::shard_count));
}

TEST_CASE("key listing: pages hold each key once, and one step looks at one shard") {
    Cache cache;
    const auto keys = fill(cache);
    std::vector<std::string> listed;
    std::string arguments = "limit=7000";
    for (bool more = true; more;) {
        const auto page = list(cache, arguments);
        listed.insert(listed.end(), page.keys.begin(), page.keys.end());
        more = page.end != "KEYLISTEND";
        arguments = "limit=7000 " + page.end.substr(page.end.find(' ') + 1);
    }
    std::sort(listed.begin(), listed.end());
    CHECK(listed == keys);
    const auto nothing = list(cache, "nothing::* limit=10");
    CHECK(nothing.keys.empty());
    CHECK(nothing.steps_to_first_key == static_cast<int>(Cache::shard_count));
}

TEST_CASE("key listing: a step looks at no more than a part of a shard, however large that is") {
    Cache cache;
    std::vector<std::string> keys;
    for (int i = 0; keys.size() <= 3 * clacks::cache::KeyScan::entries_a_step; ++i) {
        std::string key = std::to_string(i);
        if (cache.shard_of(key) != 7) continue;
        cache.lock(key).store(key, "1", now);
        keys.push_back(std::move(key));
    }
    std::sort(keys.begin(), keys.end());
    for (const std::string arguments : {"", "limit=1000", "limit=100000"}) {
        CAPTURE(arguments);
        auto listing = *KeyListing::make(arguments);
        std::string text;
        std::size_t most = 0;
        std::size_t looks = 0;
        const auto count = [&](std::string_view) { return ++looks > 0; };
        while (!listing.step(cache, now, count, text)) {
            most = std::max(most, std::exchange(looks, 0));
        }
        CHECK(most <= clacks::cache::KeyScan::entries_a_step);
        CHECK(most > 500);
    }
    CHECK(list(cache, "").keys == keys);
    CHECK(list(cache, "limit=100000").keys == keys);
}

TEST_CASE("key listing: what lives throughout is listed once, though it changes all the time") {
    Cache cache;
    const auto keys = fill(cache);
    for (const std::string arguments : {"", "limit=100000"}) {
        CAPTURE(arguments);
        auto listing = *KeyListing::make(arguments);
        std::string text;
        std::size_t at = 0;
        while (!listing.step(cache, now, anything, text)) {
            for (int i = 0; i < 500; ++i, at = (at + 7919) % keys.size()) {
                cache.lock(keys[at]).store(keys[at], "changed", now);
            }
        }
        std::size_t listed = 0;
        for (std::size_t line = 0; (line = text.find("\r\nKEY ", line)) != text.npos; ++line) {
            ++listed;
        }
        CHECK(listed == keys.size());
        CHECK(text.ends_with(arguments.empty() ? "\r\nKEYLISTEND\r\n" : "\r\n"));
    }
}
