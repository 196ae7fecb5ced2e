#include <doctest/doctest.h>

#include "cache/cache.hpp"
#include "state.hpp"

using namespace clacks::cache;

TEST_CASE("cache: a KEYSYNC of an unknown key is taken") {
    Cache cache;
    CHECK(merge(cache, living("key", "value", 10, 7)) == Merge::taken);
    CHECK(merge(cache, tombstone("gone", 11, 7)) == Merge::taken);
    CHECK(entry(cache, "key") == "10 10 from 7: value");
    CHECK(entry(cache, "gone") == "deleted 11 from 7");
    CHECK(cache.size() == 1);
}

TEST_CASE("cache: a newer KEYSYNC is taken, living or not") {
    Cache cache;
    store(cache, "key", "ours", 10);
    CHECK(merge(cache, living("key", "theirs", 11, 7)) == Merge::taken);
    CHECK(entry(cache, "key") == "11 11 from 7: theirs");
    CHECK(merge(cache, tombstone("key", 12, 8)) == Merge::taken);
    CHECK(entry(cache, "key") == "deleted 12 from 8");
    CHECK(cache.size() == 0);
    CHECK(merge(cache, living("key", "back", 13, 7)) == Merge::taken);
    CHECK(entry(cache, "key") == "13 13 from 7: back");
    CHECK(cache.size() == 1);
}

TEST_CASE("cache: an older KEYSYNC changes nothing") {
    Cache cache;
    store(cache, "key", "ours", 10);
    remove(cache, "gone", 10);
    CHECK(merge(cache, living("key", "theirs", 9)) == Merge::kept);
    CHECK(merge(cache, tombstone("key", 9)) == Merge::kept);
    CHECK(merge(cache, living("gone", "theirs", 9)) == Merge::kept);
    CHECK(entry(cache, "key") == "10 10 from 0: ours");
    CHECK(entry(cache, "gone") == "deleted 10 from 0");
}

TEST_CASE("cache: of two access times of one version the later one is kept") {
    Cache cache;
    EntryView read = living("key", "value", 10, 7);
    read.accessed = at(3'000'010);
    merge(cache, read);
    CHECK(entry(cache, "key") == "10 3000010 from 7: value");
    read.accessed = at(4'000'010);
    CHECK(merge(cache, read) == Merge::same);
    CHECK(entry(cache, "key") == "10 4000010 from 7: value");
    read.accessed = at(2'000'010);
    CHECK(merge(cache, read) == Merge::same);
    CHECK(entry(cache, "key") == "10 4000010 from 7: value");
}

TEST_CASE("cache: flags belong to a version as its value does") {
    Cache cache;
    EntryView flagged = living("key", "value", 10, 7);
    flagged.flags = 5;
    merge(cache, flagged);
    CHECK(cache.lock("key").find("key")->flags == 5);
    flagged.flags = 4;  // the same version: all nodes take the larger one
    CHECK(merge(cache, flagged) == Merge::kept);
    CHECK(cache.lock("key").find("key")->flags == 5);
    flagged.flags = 6;
    CHECK(merge(cache, flagged) == Merge::taken);
    CHECK(cache.lock("key").find("key")->flags == 6);
    cache.lock("key").add("key", "1", false, at(11));
    CHECK(cache.lock("key").find("key")->flags == 6);
    store(cache, "key", "plain", 12);
    CHECK(cache.lock("key").find("key")->flags == 0);
}

TEST_CASE("cache: an entry counts as accessed when it was written, if its sender says nothing") {
    Cache cache;
    EntryView unread = living("key", "value", 10, 7);
    unread.accessed = {};
    merge(cache, unread);
    CHECK(entry(cache, "key") == "10 10 from 7: value");
}

TEST_CASE("cache: what a KEYSYNC of a tombstone carries as its value is dropped") {
    Cache cache;
    EntryView removed = tombstone("key", 10);
    removed.value = "REMOVED";
    CHECK(merge(cache, removed) == Merge::taken);
    CHECK(cache.lock("key").find("key")->value == "");
}

TEST_CASE("cache: a local write forgets where its predecessor came from") {
    Cache cache;
    merge(cache, living("key", "theirs", 10, 7));
    store(cache, "key", "ours", 11);
    CHECK(entry(cache, "key") == "11 11 from 0: ours");
    merge(cache, living("key", "theirs", 12, 7));
    remove(cache, "key", 13);
    CHECK(entry(cache, "key") == "deleted 13 from 0");
}

TEST_CASE("cache: a value from the end of time can still be replaced without harm") {
    Cache cache;
    EntryView last = living("key", "last", 0);
    last.changed = WallTime::max();
    merge(cache, last);
    store(cache, "key", "ours", 10);
    CHECK(cache.lock("key").find("key")->value == "ours");
    clear(cache, 20);
    CHECK(cache.lock("key").find("key")->deleted);
}

TEST_CASE("merge: who tells another content of our version does not know ours and has to hear it") {
    Cache cache;
    merge(cache, living("key", "b", 10, 1));
    CHECK(merge(cache, living("key", "a", 10, 2)) == Merge::kept);
    CHECK(entry(cache, "key") == "10 10 from 1: b");
}
