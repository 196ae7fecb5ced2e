#include <doctest/doctest.h>

#include <string>

#include "cache/cache.hpp"
#include "state.hpp"

using namespace clacks::cache;

TEST_CASE("cache: an entry lives until it expires, to the microsecond") {
    Cache cache;
    store_until(cache, "key", "value", 10, 3'000'010);
    auto shard = cache.lock("key");
    CHECK(shard.retrieve("key", at(3'000'009)) == "value");
    CHECK(shard.find_living("key", at(3'000'009))->value == "value");
    CHECK(shard.find_living("key", at(3'000'009))->expires == at(3'000'010));
    CHECK_FALSE(shard.retrieve("key", at(3'000'010)));
    CHECK_FALSE(shard.find_living("key", at(3'000'010)));
    // Not buried by being looked at, nor counted as read.
    CHECK(shard.find("key")->value == "value");
    CHECK(shard.find("key")->accessed == at(2'000'010));
}

TEST_CASE("cache: keys are those that have not expired, size learns of it from the cleaner") {
    Cache cache;
    store_until(cache, "a", "1", 10, 30);
    store_until(cache, "b", "2", 10, 40);
    store(cache, "c", "3", 10);
    CHECK(cache.keys(at(29)) == std::vector<std::string>{"a", "b", "c"});
    CHECK(cache.keys(at(30)) == std::vector<std::string>{"b", "c"});
    CHECK(cache.keys(at(40)) == std::vector<std::string>{"c"});
    CHECK(cache.size() == 3);
    clean(cache, 30);
    CHECK(cache.size() == 2);
    CHECK(cache.keys(at(29)) == std::vector<std::string>{"b", "c"});
}

TEST_CASE("cache: looking for what lives is no access, and finds no tombstone") {
    Cache cache;
    store(cache, "key", "value", 10);
    remove(cache, "gone", 10);
    CHECK(cache.lock("key").find_living("key", at(20))->value == "value");
    CHECK(entry(cache, "key") == "10 10 from 0: value");
    CHECK_FALSE(cache.lock("gone").find_living("gone", at(20)));
    CHECK_FALSE(cache.lock("never").find_living("never", at(20)));
}

TEST_CASE("cache: a store brings its own expiry, a plain one takes an earlier away") {
    Cache cache;
    store_until(cache, "key", "a", 10, 30);
    CHECK(entry(cache, "key") == "10 10 until 30 from 0: a");
    store_until(cache, "key", "b", 11, 50);
    CHECK(entry(cache, "key") == "11 11 until 50 from 0: b");
    store(cache, "key", "c", 12);
    CHECK(entry(cache, "key") == "12 12 from 0: c");
    store_until(cache, "key", "d", 13, 50);
    remove(cache, "key", 14);
    CHECK(entry(cache, "key") == "deleted 14 from 0");
}

TEST_CASE("cache: an entry that has no time to live is stored and is not there") {
    Cache cache;
    store_until(cache, "key", "value", 10, 10);
    CHECK_FALSE(cache.lock("key").retrieve("key", at(10)));
    CHECK(content(cache, 10) == "key deleted 11\n");
}

TEST_CASE("cache: whoever stores or removes learns the version") {
    Cache cache;
    auto shard = cache.lock("key");
    CHECK(shard.store("key", "a", at(10)) == at(10));
    CHECK(shard.store("key", "b", at(10)) == at(11));
    CHECK(shard.remove("key", at(5)) == at(12));
    CHECK(shard.find("key")->changed == at(12));
}

TEST_CASE("cache: the expiry of what lives can be changed, as a new version of it") {
    Cache cache;
    store(cache, "key", "value", 10);
    auto shard = cache.lock("key");
    shard.retrieve("key", at(3'000'010));
    CHECK(shard.expire("key", at(50), at(20), 7));
    CHECK(shard.find("key")->value == "value");
    CHECK(shard.find("key")->changed == at(20));
    CHECK(shard.find("key")->accessed == at(2'000'020));
    CHECK(shard.find("key")->expires == at(50));
    CHECK(shard.find("key")->origin == 7);
    CHECK(shard.expire("key", never, at(20)));
    CHECK(shard.find("key")->changed == at(21));
    CHECK(shard.find("key")->expires == never);
    CHECK(shard.find("key")->origin == local_origin);
    CHECK(shard.expire("key", at(1), at(30)));
    CHECK_FALSE(shard.find_living("key", at(30)));
}

TEST_CASE("cache: what does not live cannot be given an expiry, and stays as it is") {
    Cache cache;
    store(cache, "cleared", "value", 5);
    clear(cache, 6);
    remove(cache, "removed", 10);
    store_until(cache, "expired", "value", 10, 30);
    for (const char* key : {"missing", "cleared", "removed", "expired"}) {
        CAPTURE(key);
        CHECK_FALSE(cache.lock(key).expire(key, at(100), at(30)));
    }
    CHECK(content(cache) == "cleared deleted 6\nexpired 10=value\nremoved deleted 10\n");
    // So the cleaner still tells of it.
    CHECK(clean(cache, 30) == std::set<std::string>{"expired expired"});
}

TEST_CASE("cache: a counter keeps its expiry, and begins anew without one when it has expired") {
    Cache cache;
    store_until(cache, "counter", "41", 10, 30);
    auto shard = cache.lock("counter");
    CHECK(shard.add("counter", "", false, at(29)) == "42");
    CHECK(shard.find("counter")->expires == at(30));
    CHECK(shard.add("counter", "", false, at(35)) == "1");
    CHECK(shard.find("counter")->expires == never);
    CHECK(shard.find("counter")->changed == at(35));
}

TEST_CASE("cache: an expired entry counts as a tombstone of the time it expired") {
    struct Row {
        EntryView entry;
        long now;
        bool deleted;
        long changed;
    };
    EntryView buried = tombstone("key", 10);
    buried.expires = at(30);
    for (const Row& row : {
             Row{living("key", "value", 10), 1000, false, 10},
             Row{tombstone("key", 10), 1000, true, 10},
             Row{expiring("key", "value", 10, 30), 29, false, 10},
             Row{expiring("key", "value", 10, 30), 30, true, 30},
             Row{expiring("key", "value", 10, 30), 1000, true, 30},
             Row{expiring("key", "value", 10, 10), 1000, true, 11},  // newer than what it replaces
             Row{expiring("key", "value", 10, 5), 10, true, 11}, Row{buried, 30, true, 30},
             Row{buried, 29, true, 30},  // buried by a clock ahead of ours
         }) {
        CAPTURE(row.entry.expires.time_since_epoch().count());
        CAPTURE(row.now);
        const EntryView counts = as_of(row.entry, at(row.now));
        CHECK(counts.key == "key");
        CHECK(counts.deleted == row.deleted);
        CHECK(counts.changed == at(row.changed));
        CHECK(counts.accessed == at(row.changed));
        CHECK(counts.value == (row.deleted ? "" : "value"));
        CHECK(counts.origin == row.entry.origin);
        if (row.deleted) CHECK(counts.expires == never);
    }
}

TEST_CASE("cache: a local write is newer than the tombstone of what has expired") {
    for (const bool buried : {false, true}) {
        CAPTURE(buried);
        Cache cache;
        for (const char* key : {"stored", "removed", "added"}) store_until(cache, key, "7", 10, 30);
        if (buried) clean(cache, 30);
        CHECK(cache.lock("stored").store("stored", "new", at(30)) == at(31));
        CHECK(cache.lock("removed").remove("removed", at(30)) == at(31));
        CHECK(cache.lock("added").add("added", "2", false, at(30)) == "2");
        CHECK(content(cache, 100) == "added 31=2\nremoved deleted 31\nstored 31=new\n");
        CHECK(cache.size() == 2);
        CHECK(clean(cache, 100).empty());
    }
}

TEST_CASE("cache: the cleaner tells once of what has expired") {
    Cache cache;
    store_until(cache, "key", "value", 10, 30);
    store_until(cache, "later", "value", 10, 31);
    CHECK(clean(cache, 29).empty());
    CHECK(clean(cache, 30) == std::set<std::string>{"key expired"});
    CHECK(clean(cache, 30).empty());
    CHECK(entry(cache, "key") == "deleted 10 until 30 from 0");
    CHECK(content(cache, 30) == "key deleted 30\nlater 10=value\n");
}

TEST_CASE("cache: the tombstone of an expired entry stays as long as one of that time") {
    Cache cache;
    store_until(cache, "key", "value", 10, 30);
    // Long gone when the cleaner comes by: told first, forgotten next time.
    CHECK(clean(cache, 100, 50) == std::set<std::string>{"key expired"});
    CHECK(clean(cache, 100, 30).empty());
    CHECK(clean(cache, 100, 31) == std::set<std::string>{"key deleted"});
    CHECK(entry(cache, "key") == "nothing");
}

TEST_CASE("cache: an entry that nobody reads becomes stale before it expires") {
    Cache cache;
    store_until(cache, "key", "value", 10, 100);
    store_until(cache, "both", "value", 10, 50);
    CHECK(clean(cache, 50, 0, 20) == std::set<std::string>{"key stale", "both expired"});
    CHECK(cache.size() == 0);
}

TEST_CASE("cache: the cleaner gives back the memory of what has expired") {
    Cache cache;
    store_until(cache, "key", std::string(100'000, 'x'), 10, 30);
    const char* const place = cache.lock("key").find("key")->value.data();
    clean(cache, 30);
    CHECK(cache.lock("key").find("key")->value == "");
    CHECK(cache.lock("key").find("key")->value.data() != place);
}

TEST_CASE("cache: an expired entry can be buried before the cleaner comes by, once") {
    Cache cache;
    store_until(cache, "key", "value", 10, 30);
    store(cache, "living", "value", 10);
    remove(cache, "removed", 10);
    const auto bury = [&](std::string_view key, long now) {
        return cache.lock(key).bury(key, at(now));
    };
    CHECK_FALSE(bury("key", 29));
    CHECK(bury("key", 30));
    CHECK_FALSE(bury("key", 31));
    CHECK(entry(cache, "key") == "deleted 10 until 30 from 0");
    CHECK(cache.size() == 1);
    for (const char* key : {"living", "removed", "missing"}) {
        CAPTURE(key);
        CHECK_FALSE(bury(key, 100));
    }
    CHECK(clean(cache, 100).empty());
}

TEST_CASE("cache: the tombstone of an expired entry is for every link, whoever brought the entry") {
    Cache cache;
    merge(cache, expiring("key", "value", 10, 30, 7));
    CHECK(entry(cache, "key") == "10 10 until 30 from 7: value");
    clean(cache, 30);
    CHECK(entry(cache, "key") == "deleted 10 until 30 from 0");
}

TEST_CASE("cache: what was cleared does not expire any more") {
    Cache cache;
    store_until(cache, "later", "value", 10, 30);
    store_until(cache, "before", "value", 10, 15);
    clear(cache, 20);
    for (int round = 0; round < 2; ++round) {
        CAPTURE(round);
        CHECK(content(cache, 100) == "before deleted 20\nlater deleted 20\n");
        CHECK(clean(cache, 100).empty());
    }
    CHECK(cache.size() == 0);
}

TEST_CASE("cache: a clear passes over the tombstones of what has expired, and still holds") {
    Cache cache;
    store_until(cache, "key", "value", 10, 30);
    clean(cache, 30);
    clear(cache, 40);
    CHECK(content(cache, 50) == "key deleted 40\n");
    CHECK(merge_plain(cache, expiring("key", "theirs", 20, 100, 7)) == Merge::superseded);
    CHECK(content(cache, 50) == "key deleted 40\n");
}
