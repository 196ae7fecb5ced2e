#include "cache/cache.hpp"

#include <doctest/doctest.h>

#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "state.hpp"

using namespace clacks::cache;

namespace {

// Two keys of different shards, and one more of the first one's.
struct KeyInEachShard {
    explicit KeyInEachShard(const Cache& cache) {
        for (int i = 0; other.empty() || neighbour.empty(); ++i) {
            std::string key = "key" + std::to_string(i);
            (cache.shard_of(key) == cache.shard_of(first) ? neighbour : other) = std::move(key);
        }
    }
    std::string first = "first";
    std::string neighbour;
    std::string other;
};

}  // namespace

TEST_CASE("cache: what is stored is retrieved, byte for byte") {
    Cache cache;
    const std::vector<std::string> values = {"", "v=w", std::string("\0\r\n\xff", 4),
                                             std::string(1'000'000, 'x')};
    for (const std::string& value : values) {
        CAPTURE(value.size());
        auto shard = cache.lock("key");
        shard.store("key", value, at(1));
        CHECK(shard.retrieve("key", at(1)) == value);
        CHECK(shard.find("key")->value == value);
    }
    CHECK(entry(cache, "another") == "nothing");
    CHECK_FALSE(cache.lock("another").retrieve("another", at(1)));
}

TEST_CASE("cache: a removed key is gone and leaves a tombstone, also where nothing was") {
    Cache cache;
    store(cache, "known", "value", 1);
    remove(cache, "known", 2);
    remove(cache, "never", 3);
    CHECK_FALSE(cache.lock("known").retrieve("known", at(4)));
    CHECK_FALSE(cache.lock("never").retrieve("never", at(4)));
    CHECK(content(cache) == "known deleted 2\nnever deleted 3\n");
    store(cache, "known", "again", 5);
    CHECK(entry(cache, "known") == "5 5 from 0: again");
}

TEST_CASE("cache: a local write is newer than what it replaces, whatever the clock says") {
    Cache cache;
    store(cache, "key", "a", 100);
    store(cache, "key", "b", 100);
    CHECK(entry(cache, "key") == "101 101 from 0: b");
    store(cache, "key", "c", 50);
    CHECK(entry(cache, "key") == "102 102 from 0: c");
    remove(cache, "key", 50);
    CHECK(entry(cache, "key") == "deleted 103 from 0");
    cache.lock("key").add("key", "5", false, at(50));
    CHECK(entry(cache, "key") == "104 104 from 0: 5");

    merge(cache, living("ahead", "theirs", 5000));
    store(cache, "ahead", "ours", 100);
    CHECK(entry(cache, "ahead") == "5001 5001 from 0: ours");
}

TEST_CASE("cache: reading counts as access, looking does not") {
    Cache cache;
    store(cache, "key", "value", 10);
    cache.lock("key").find("key");
    CHECK(entry(cache, "key") == "10 10 from 0: value");
    cache.lock("key").retrieve("key", at(2'000'010));
    CHECK(entry(cache, "key") == "10 2000010 from 0: value");
    cache.lock("key").retrieve("key", at(1'000'010));
    CHECK(entry(cache, "key") == "10 2000010 from 0: value");
}

TEST_CASE("cache: a command that came over a link is remembered as the link's") {
    Cache cache;
    auto shard = cache.lock("key");
    shard.store("key", "theirs", at(10), 7);
    CHECK(shard.find("key")->origin == 7);
    shard.remove("key", at(11), 8);
    CHECK(shard.find("key")->origin == 8);
    shard.store("key", "ours", at(12));
    CHECK(shard.find("key")->origin == local_origin);
}

TEST_CASE("cache: an increment over a link does not say that the link has our sum") {
    Cache cache;
    auto shard = cache.lock("key");
    CHECK(shard.add("key", "5", false, at(10), 7) == "5");
    CHECK(shard.find("key")->origin == local_origin);
    shard.store("key", "10", at(11), 7);
    shard.add("key", "5", false, at(12), 8);
    CHECK(shard.find("key")->origin == 7);
    CHECK(shard.add("key", "5", false, at(13)) == "20");
    CHECK(shard.find("key")->origin == local_origin);
}

TEST_CASE("cache: the counter dialogue of the reference") {
    Cache cache;
    struct Row {
        const char* key;
        const char* step;
        bool subtract;
        const char* result;
    };
    store(cache, "t", "text", 1);
    store(cache, "n", "12abc", 1);
    store(cache, "s", "  7 ", 1);
    store(cache, "removed", "5", 1);
    remove(cache, "removed", 2);
    long now = 10;
    for (const Row& row :
         {Row{"c", "", false, "1"}, Row{"c", "5", false, "6"}, Row{"c", "2", true, "4"},
          Row{"c", "", true, "3"}, Row{"c", "-10", false, "-7"}, Row{"c", "1.25", false, "-5.75"},
          Row{"t", "", false, "1"}, Row{"n", "2", false, "2"}, Row{"d", "abc", false, "0"},
          Row{"f", "3", true, "-3"}, Row{"s", "", false, "8"}, Row{"removed", "", false, "1"}}) {
        CAPTURE(row.key);
        CAPTURE(row.step);
        auto shard = cache.lock(row.key);
        CHECK(shard.add(row.key, row.step, row.subtract, at(++now)) == row.result);
        CHECK(shard.retrieve(row.key, at(now)) == row.result);
        CHECK(shard.find(row.key)->changed == at(now));
    }
}

TEST_CASE("cache: keys are the living ones, sorted bytewise, and size counts them") {
    Cache cache;
    for (const char* key : {"b", "a::b", "a", "B", "a:", "\xc3\xa4", "gone"}) {
        store(cache, key, "value", 1);
    }
    remove(cache, "gone", 2);
    remove(cache, "gone", 3);
    remove(cache, "never", 2);
    CHECK(cache.keys(at(4)) == std::vector<std::string>{"B", "a", "a:", "a::b", "b", "\xc3\xa4"});
    CHECK(cache.size() == 6);
    store(cache, "gone", "back", 4);
    store(cache, "gone", "back", 5);
    CHECK(cache.size() == 7);
}

TEST_CASE("cache: many keys are all found again") {
    Cache cache;
    constexpr int count = 20'000;
    const auto key = [](int i) { return "sensors::room" + std::to_string(i); };
    for (int i = 0; i < count; ++i) store(cache, key(i), std::to_string(i), 1);
    CHECK(cache.size() == count);
    int found = 0;
    for (int i = 0; i < count; ++i) {
        const std::string name = key(i);
        found += cache.lock(name).retrieve(name, at(2)) == std::to_string(i);
    }
    CHECK(found == count);
}

TEST_CASE("cache: a value is overwritten in place when it is of similar size") {
    Cache cache;
    auto shard = cache.lock("counter");
    shard.store("counter", std::string(1000, 'a'), at(1));
    const char* const place = shard.find("counter")->value.data();
    for (const std::size_t size : {1000U, 900U, 600U, 1000U}) {
        CAPTURE(size);
        shard.store("counter", std::string(size, 'b'), at(2));
        CHECK(shard.find("counter")->value == std::string(size, 'b'));
        CHECK(shard.find("counter")->value.data() == place);
    }
    // Once it has grown it may go on growing.
    shard.store("counter", std::string(1100, 'c'), at(3));
    const char* const larger = shard.find("counter")->value.data();
    shard.store("counter", std::string(1200, 'd'), at(4));
    CHECK(shard.find("counter")->value == std::string(1200, 'd'));
    CHECK(shard.find("counter")->value.data() == larger);
}

TEST_CASE("cache: a value may be part of the value it replaces") {
    std::string letters;
    for (int i = 0; i < 1000; ++i) letters += static_cast<char>('a' + i % 26);
    // In place, overlapping; and in a smaller record.
    for (const std::size_t length : {999U, 600U, 20U, 0U}) {
        CAPTURE(length);
        Cache cache;
        auto shard = cache.lock("key");
        shard.store("key", letters, at(1));
        const EntryView own = *shard.find("key");
        shard.store(own.key, own.value.substr(1, length), at(2));
        CHECK(shard.find("key")->value == letters.substr(1, length));
        CHECK(shard.find("key")->key == "key");
    }
}

TEST_CASE("cache: a shard knows its own keys and refuses those of another") {
    Cache cache;
    const KeyInEachShard keys(cache);
    auto shard = cache.lock(keys.first);
    CHECK(shard.index() == cache.shard_of(keys.first));
    shard.store(keys.first, "1", at(1));
    shard.store(keys.neighbour, "2", at(1));
    CHECK(shard.retrieve(keys.first, at(1)) == "1");
    CHECK(shard.retrieve(keys.neighbour, at(1)) == "2");
    CHECK_THROWS_AS(shard.store(keys.other, "3", at(1)), std::logic_error);
    CHECK_THROWS_AS(shard.find(keys.other), std::logic_error);
}

TEST_CASE("cache: a shard can be had by number, and holds exactly its keys") {
    Cache cache;
    std::multiset<std::string> seen;
    for (int i = 0; i < 100; ++i) store(cache, "key" + std::to_string(i), "value", 1);
    for (unsigned i = 0; i < Cache::shard_count; ++i) {
        auto shard = cache.lock(i);
        CHECK(shard.index() == i);
        shard.for_each([&](const EntryView& entry) {
            CHECK(cache.shard_of(entry.key) == i);
            CHECK(shard.find(entry.key)->value == "value");
            seen.insert(std::string(entry.key));
        });
    }
    CHECK(seen.size() == 100);
    CHECK(std::set<std::string>(seen.begin(), seen.end()).size() == 100);
    CHECK_THROWS_AS(cache.lock(Cache::shard_count), std::logic_error);
}

TEST_CASE("cache: keys spread over the shards, by a secret of their own") {
    const Cache a(HashKey{1, 2});
    const Cache same(HashKey{1, 2});
    const Cache b(HashKey{1, 3});
    std::vector<int> counts(Cache::shard_count);
    int moved = 0;
    for (int i = 0; i < 3200; ++i) {
        const std::string key = "key" + std::to_string(i);
        ++counts[a.shard_of(key)];
        CHECK(a.shard_of(key) == same.shard_of(key));
        moved += a.shard_of(key) != b.shard_of(key);
    }
    for (const int count : counts) {
        CHECK(count > 50);
        CHECK(count < 200);
    }
    CHECK(moved > 2500);
}

TEST_CASE("cache: an entry is read as it was before, and known to be read until it is written") {
    using std::chrono::seconds;
    Cache cache;
    auto shard = cache.lock("key");
    CHECK_FALSE(shard.read("key", at(1)));
    shard.store("key", "1", at(1), local_origin, at(1) + seconds(100), 7);
    const auto first = shard.read("key", at(1) + seconds(5));
    REQUIRE(first);
    CHECK(first->value == "1");
    CHECK(first->flags == 7);
    CHECK(first->accessed == at(1));
    CHECK_FALSE(first->fetched);
    const auto second = shard.read("key", at(1) + seconds(9));
    CHECK(second->accessed == at(1) + seconds(5));
    CHECK(second->fetched);
    CHECK_FALSE(shard.read("key", at(1) + seconds(100)));

    SUBCASE("another expiry and an increment leave that") {
        shard.expire("key", never, at(10));
        shard.add("key", "1", false, at(11));
        CHECK(shard.find("key")->fetched);
    }
    SUBCASE("another value does not") {
        shard.store("key", "2", at(10));
        CHECK_FALSE(shard.find("key")->fetched);
        shard.retrieve("key", at(11));
        CHECK(shard.find("key")->fetched);
    }
}

TEST_CASE("cache: there is room for a value as for the size of it") {
    Cache cache;
    cache.set_budget(1U << 20U, false);
    CHECK(cache.make_room_for("key", 1000, at(1)));
    CHECK(cache.make_room_for("key", 2U << 20U, at(1)).refused() == Room::Refused::too_large);
}
