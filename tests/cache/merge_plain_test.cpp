#include <doctest/doctest.h>

#include "cache/cache.hpp"
#include "state.hpp"

using namespace clacks::cache;

TEST_CASE("cache: a plain peer's copy of an entry does not take its expiry away") {
    Cache cache;
    store_until(cache, "key", "value", 10, 3'000'000);
    EntryView copy = living("key", "value", 11, 7);
    copy.accessed = at(2'000'010);
    CHECK(merge_plain(cache, copy) == Merge::same);
    CHECK(entry(cache, "key") == "10 2000010 until 3000000 from 7: value");
    CHECK(merge_plain(cache, living("key", "value", 10, 7)) == Merge::same);
    CHECK(merge_plain(cache, living("key", "value", 9, 7)) == Merge::kept);
    CHECK(entry(cache, "key") == "10 2000010 until 3000000 from 7: value");
}

TEST_CASE("cache: another value from a plain peer is no copy, nor is one from after the expiry") {
    Cache cache;
    store_until(cache, "other", "value", 10, 30);
    store_until(cache, "after", "value", 10, 30);
    store(cache, "unlimited", "value", 10);
    CHECK(merge_plain(cache, living("other", "new", 11, 7)) == Merge::taken);
    CHECK(merge_plain(cache, living("after", "value", 31, 7)) == Merge::taken);
    CHECK(merge_plain(cache, living("unlimited", "value", 11, 7)) == Merge::taken);
    CHECK(entry(cache, "other") == "11 11 from 7: new");
    CHECK(entry(cache, "after") == "31 31 from 7: value");
    CHECK(entry(cache, "unlimited") == "11 11 from 7: value");
}

TEST_CASE("cache: a plain peer's copy does not outlive the entry") {
    Cache cache;
    store_until(cache, "key", "value", 10, 30);
    clean(cache, 50);
    for (const long changed : {11, 30}) {
        CAPTURE(changed);
        CHECK(merge_plain(cache, living("key", "value", changed, 7)) == Merge::superseded);
        CHECK(entry(cache, "key") == "deleted 10 until 30 from 0");
    }
    CHECK(merge_plain(cache, living("key", "value", 9, 7)) == Merge::kept);
    CHECK(merge_plain(cache, living("key", "value", 31, 7)) == Merge::taken);
    CHECK(cache.size() == 1);
}

TEST_CASE("cache: tombstones and unknown entries of a plain peer are merged like any") {
    Cache cache;
    store_until(cache, "key", "value", 10, 30);
    CHECK(merge_plain(cache, tombstone("key", 20, 7)) == Merge::taken);
    CHECK(merge_plain(cache, living("unknown", "value", 20, 7)) == Merge::taken);
    CHECK(content(cache) == "key deleted 20\nunknown 20=value\n");
}

TEST_CASE("cache: a plain peer's copy from before the last clear is superseded by it") {
    Cache cache;
    store_until(cache, "key", "value", 10, 30);
    clean(cache, 30);
    clear(cache, 40);
    CHECK(merge_plain(cache, living("key", "value", 11, 7)) == Merge::superseded);
    CHECK(entry(cache, "key") == "deleted 40 from 0");
}

TEST_CASE("cache: an equal time of a plain KEYSYNC keeps the old value and remembers who has it") {
    Cache cache;
    store(cache, "key", "ours", 10);
    remove(cache, "gone", 10);
    CHECK(merge_plain(cache, living("key", "theirs", 10, 7)) == Merge::same);
    CHECK(merge_plain(cache, tombstone("gone", 10, 7)) == Merge::same);
    CHECK(entry(cache, "key") == "10 10 from 7: ours");
    CHECK(entry(cache, "gone") == "deleted 10 from 7");
}
