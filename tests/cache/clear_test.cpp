#include <doctest/doctest.h>

#include <string>

#include "cache/cache.hpp"
#include "state.hpp"

using namespace clacks::cache;

TEST_CASE("cache: clear makes tombstones of what lives and leaves the others") {
    Cache cache;
    store(cache, "a", "1", 10);
    store(cache, "b", std::string(1000, 'x'), 11);
    remove(cache, "gone", 12);
    merge(cache, living("theirs", "value", 13, 7));
    clear(cache, 20);
    CHECK(cache.size() == 0);
    CHECK(cache.keys(at(21)).empty());
    CHECK_FALSE(cache.lock("a").retrieve("a", at(21)));
    CHECK(content(cache) == "a deleted 20\nb deleted 20\ngone deleted 12\ntheirs deleted 20\n");
    CHECK(entry(cache, "theirs") == "deleted 20 from 0");
}

TEST_CASE("cache: an entry older than the clear is superseded, known or not") {
    Cache cache;
    store(cache, "known", "ours", 10);
    clear(cache, 20);
    for (const char* key : {"known", "unknown"}) {
        CAPTURE(key);
        for (const long changed : {5, 15, 19, 5}) {
            CAPTURE(changed);
            CHECK(merge_plain(cache, living(key, "theirs", changed, 7)) == Merge::superseded);
            CHECK(entry(cache, key) == "deleted 20 from 0");
        }
    }
    CHECK(cache.size() == 0);
}

TEST_CASE("cache: an entry of the very time of the clear gets a tombstone that is newer") {
    Cache cache;
    clear(cache, 20);
    CHECK(merge_plain(cache, living("key", "theirs", 20, 7)) == Merge::superseded);
    CHECK(entry(cache, "key") == "deleted 21 from 0");
}

TEST_CASE("cache: an entry between an old removal and the clear is superseded by the clear") {
    Cache cache;
    remove(cache, "key", 5);
    clear(cache, 20);
    CHECK(entry(cache, "key") == "deleted 5 from 0");
    CHECK(merge_plain(cache, living("key", "theirs", 10, 7)) == Merge::superseded);
    CHECK(entry(cache, "key") == "deleted 20 from 0");
}

TEST_CASE("cache: an entry newer than the clear is taken") {
    Cache cache;
    store(cache, "key", "ours", 10);
    clear(cache, 20);
    CHECK(merge(cache, living("key", "theirs", 21, 7)) == Merge::taken);
    CHECK(entry(cache, "key") == "21 21 from 7: theirs");
    CHECK(cache.size() == 1);
}

TEST_CASE("cache: what was written since the clear stands against what is older") {
    Cache cache;
    clear(cache, 20);
    store(cache, "key", "ours", 30);
    CHECK(merge(cache, living("key", "theirs", 10, 7)) == Merge::kept);
    CHECK(entry(cache, "key") == "30 30 from 0: ours");
    remove(cache, "key", 40);
    CHECK(merge_plain(cache, living("key", "theirs", 10, 7)) == Merge::superseded);
    CHECK(entry(cache, "key") == "deleted 40 from 0");
}

TEST_CASE("cache: a tombstone older than the clear adds nothing") {
    Cache cache;
    remove(cache, "removed", 5);
    store(cache, "cleared", "ours", 6);
    clear(cache, 20);
    CHECK(merge(cache, tombstone("unknown", 10)) == Merge::kept);
    CHECK(merge(cache, tombstone("removed", 10)) == Merge::kept);
    CHECK(merge(cache, tombstone("cleared", 10)) == Merge::kept);
    CHECK(content(cache) == "cleared deleted 20\nremoved deleted 5\n");
    CHECK(merge_plain(cache, tombstone("cleared", 20, 7)) == Merge::same);
    CHECK(entry(cache, "cleared") == "deleted 20 from 7");
}

TEST_CASE("cache: a local write is newer than the clear, whatever the clock says") {
    Cache cache;
    store(cache, "known", "old", 10);
    clear(cache, 20);
    for (const char* key : {"known", "unknown"}) {
        CAPTURE(key);
        store(cache, key, "new", 15);
        CHECK(entry(cache, key) == "21 21 from 0: new");
    }
    cache.lock("counter").add("counter", "2", false, at(20));
    CHECK(entry(cache, "counter") == "21 21 from 0: 2");
    remove(cache, "never", 20);
    CHECK(entry(cache, "never") == "deleted 21 from 0");
    CHECK(cache.size() == 3);
}

TEST_CASE("cache: a counter begins anew after a clear") {
    Cache cache;
    store(cache, "counter", "41", 10);
    clear(cache, 20);
    CHECK(cache.lock("counter").add("counter", "", false, at(30)) == "1");
}

TEST_CASE("cache: clear is newer than what was written in its microsecond or a moment later") {
    struct Row {
        long written;
        const char* result;
    };
    for (const Row& row : {Row{19, "deleted 20 from 0"}, Row{20, "deleted 21 from 0"},
                           Row{25, "deleted 26 from 0"}}) {
        CAPTURE(row.written);
        Cache cache;
        store(cache, "key", "value", row.written);
        clear(cache, 20);
        CHECK_FALSE(cache.lock("key").retrieve("key", at(30)));
        CHECK(entry(cache, "key") == row.result);
        CHECK(merge_plain(cache, living("key", "value", row.written, 7)) == Merge::superseded);
        CHECK(entry(cache, "key") == row.result);
    }
}

TEST_CASE("cache: clear takes entries of a clock far ahead along, without following it") {
    constexpr long hour = 3'600'000'000;
    Cache cache(HashKey{1, 2});
    merge(cache, living("ahead", std::string(1000, 'x'), hour, 7));
    std::string neighbour;  // in the same shard, on our own clock
    for (int i = 0; neighbour.empty(); ++i) {
        std::string key = "key" + std::to_string(i);
        if (cache.shard_of(key) == cache.shard_of("ahead")) neighbour = std::move(key);
    }
    store(cache, neighbour, "value", 20);
    clear(cache, 20);
    CHECK(cache.size() == 0);
    CHECK(entry(cache, "ahead") == "deleted " + std::to_string(hour + 1) + " from 0");
    CHECK(entry(cache, neighbour) == "deleted 20 from 0");
    store(cache, neighbour, "new", 30);
    CHECK(entry(cache, neighbour) == "30 30 from 0: new");
    CHECK(merge(cache, living("ahead", "theirs", hour, 7)) == Merge::kept);
    store(cache, "ahead", "new", 30);
    CHECK(entry(cache, "ahead") ==
          std::to_string(hour + 2) + ' ' + std::to_string(hour + 2) + " from 0: new");
}

TEST_CASE("cache: a second clear with an older clock does not move the mark back") {
    Cache cache;
    store(cache, "key", "value", 10);
    clear(cache, 20);
    clear(cache, 15);
    CHECK(merge_plain(cache, living("key", "theirs", 18)) == Merge::superseded);
    CHECK(entry(cache, "key") == "deleted 20 from 0");
    store(cache, "key", "new", 30);
    clear(cache, 25);
    CHECK(cache.size() == 0);
    CHECK(cache.lock("key").find("key")->deleted);
}

TEST_CASE("cache: what follows from a clear happens once, with nothing left in the store") {
    Cache cache;
    for (int i = 0; i < 100; ++i) store(cache, "key" + std::to_string(i), "value", 10);
    int calls = 0;
    std::size_t size = 1;
    cache.clear(at(20), [&](WallTime) {
        ++calls;
        size = cache.size();
    });
    CHECK(calls == 1);
    CHECK(size == 0);
}
