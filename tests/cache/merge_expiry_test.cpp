#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "cache/cache.hpp"
#include "state.hpp"

using namespace clacks::cache;

namespace {

EntryView buried(std::string_view key, long changed, long expires, Origin origin = 1) {
    EntryView entry = tombstone(key, changed, origin);
    entry.expires = at(expires);
    return entry;
}

// Tells `to` of `key` as it is stored in `from`, as a link between nodes that know expiry does.
Merge tell(Cache& from, Cache& to, std::string_view key) {
    EntryView entry;
    std::string value;
    {
        const auto shard = from.lock(key);
        entry = *shard.find(key);
        value = entry.value;
    }
    entry.key = key;
    entry.value = value;
    return merge(to, entry);
}

}  // namespace

TEST_CASE("cache: a KEYSYNC brings its expiry along") {
    Cache cache;
    CHECK(merge(cache, expiring("key", "a", 10, 30, 7)) == Merge::taken);
    CHECK(entry(cache, "key") == "10 10 until 30 from 7: a");
    CHECK(merge(cache, expiring("key", "b", 20, 50, 7)) == Merge::taken);
    CHECK(entry(cache, "key") == "20 20 until 50 from 7: b");
    CHECK(merge(cache, living("key", "c", 21, 7)) == Merge::taken);
    CHECK(entry(cache, "key") == "21 21 from 7: c");
}

TEST_CASE("cache: an entry that has already expired is merged like any, and is not there") {
    Cache cache;
    CHECK(merge(cache, expiring("key", "value", 10, 30, 7)) == Merge::taken);
    CHECK_FALSE(cache.lock("key").retrieve("key", at(100)));
    CHECK(content(cache, 100) == "key deleted 30\n");
    CHECK(merge(cache, expiring("key", "value", 10, 30, 7)) == Merge::same);
    CHECK(clean(cache, 100) == std::set<std::string>{"key expired"});
    CHECK(merge(cache, expiring("key", "value", 10, 30, 7)) == Merge::same);
    CHECK(clean(cache, 100).empty());
    CHECK(content(cache, 100) == "key deleted 30\n");
    CHECK(cache.size() == 0);
}

TEST_CASE("cache: a tombstone of an expired entry is merged as one, with its expiry") {
    Cache cache;
    CHECK(merge(cache, buried("key", 10, 30, 7)) == Merge::taken);
    CHECK(entry(cache, "key") == "deleted 10 until 30 from 7");
    CHECK(clean(cache, 100, 30).empty());
    CHECK(clean(cache, 100, 31) == std::set<std::string>{"key deleted"});
}

TEST_CASE("cache: nodes agree when one has buried an expired entry and the other has not") {
    for (const bool first_to_second : {false, true}) {
        CAPTURE(first_to_second);
        Cache first;
        Cache second;
        for (Cache* node : {&first, &second}) merge(*node, expiring("key", "value", 10, 30));
        clean(first, 30);
        Cache& from = first_to_second ? first : second;
        Cache& to = first_to_second ? second : first;
        CHECK(tell(from, to, "key") == Merge::same);
        CHECK(tell(to, from, "key") == Merge::same);
        CHECK(content(first, 30) == "key deleted 30\n");
        CHECK(content(second, 30) == "key deleted 30\n");
        CHECK(first.size() == 0);
        clean(second, 30);
        CHECK(content(first) == content(second));
    }
}

TEST_CASE("cache: a write made before an entry expired wins, also over the tombstone") {
    for (const bool was_buried : {false, true}) {
        CAPTURE(was_buried);
        Cache cache;
        merge(cache, expiring("prolonged", "value", 10, 30));
        merge(cache, expiring("stored", "value", 10, 30));
        merge(cache, expiring("removed", "value", 10, 30));
        if (was_buried) clean(cache, 50);
        CHECK(merge(cache, expiring("prolonged", "value", 20, 100)) == Merge::taken);
        CHECK(merge(cache, living("stored", "new", 20)) == Merge::taken);
        CHECK(merge(cache, tombstone("removed", 20)) == Merge::taken);
        CHECK(content(cache, 60) == "prolonged 20=value\nremoved deleted 20\nstored 20=new\n");
        CHECK(cache.size() == 2);
    }
}

TEST_CASE("cache: an older entry does not come back when a newer one has expired") {
    for (const bool was_buried : {false, true}) {
        CAPTURE(was_buried);
        Cache cache;
        merge(cache, expiring("key", "value", 10, 30));
        if (was_buried) clean(cache, 50);
        CHECK(merge(cache, living("key", "older", 9)) == Merge::kept);
        CHECK(content(cache, 50) == "key deleted 30\n");
    }
}

TEST_CASE("cache: of two expiries of one version the earlier one is kept, and passed on") {
    std::vector<EntryView> versions = {living("key", "value", 10), expiring("key", "value", 10, 30),
                                       expiring("key", "value", 10, 40)};
    const auto by_expiry = [](const EntryView& a, const EntryView& b) {
        return a.expires < b.expires;
    };
    std::sort(versions.begin(), versions.end(), by_expiry);
    do {
        Cache cache;
        WallTime earliest = WallTime::max();
        bool first = true;
        for (const EntryView& version : versions) {
            const bool news = first || version.expires < earliest;
            CHECK(merge(cache, version) == (news ? Merge::taken : Merge::same));
            earliest = std::min(earliest, version.expires);
            first = false;
        }
        CHECK(entry(cache, "key") == "10 10 until 30 from 1: value");
    } while (std::next_permutation(versions.begin(), versions.end(), by_expiry));
}

TEST_CASE("cache: a removed entry is not given an expiry by what was written at the same time") {
    Cache cache;
    merge(cache, tombstone("key", 10));
    CHECK(merge(cache, expiring("key", "value", 10, 1'000'000, 7)) == Merge::kept);
    CHECK(entry(cache, "key") == "deleted 10 from 1");
}

TEST_CASE("cache: a tombstone that says what an entry's expiry says is nothing new") {
    for (const bool was_buried : {false, true}) {
        CAPTURE(was_buried);
        Cache cache;
        merge(cache, expiring("key", "value", 10, 30, 6));
        if (was_buried) clean(cache, 30);
        CHECK(merge(cache, tombstone("key", 30, 7)) == Merge::same);
        CHECK(merge(cache, tombstone("key", 29, 7)) == Merge::taken);
        CHECK(entry(cache, "key") == "deleted 29 from 7");
    }
}

TEST_CASE("cache: an expiring entry older than the clear is superseded") {
    Cache cache;
    clear(cache, 20);
    CHECK(merge_plain(cache, expiring("key", "value", 10, 100, 7)) == Merge::superseded);
    CHECK(merge_plain(cache, expiring("past", "value", 10, 15, 7)) == Merge::superseded);
    CHECK(merge(cache, buried("buried", 10, 15, 7)) == Merge::kept);
    CHECK(content(cache, 200) == "key deleted 20\npast deleted 20\n");
}
