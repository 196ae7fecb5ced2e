#include <doctest/doctest.h>

#include "cache/cache.hpp"
#include "state.hpp"

using namespace clacks::cache;

namespace {

EntryView written_by(Writer writer, EntryView entry) {
    entry.writer = writer;
    return entry;
}

}  // namespace

TEST_CASE("version: of two writes of one microsecond all nodes keep that of the larger writer") {
    for (const bool other_order : {false, true}) {
        CAPTURE(other_order);
        Cache cache;
        const EntryView small = written_by(1, living("key", "small", 10));
        const EntryView large = written_by(2, tombstone("key", 10));
        merge(cache, other_order ? large : small);
        merge(cache, other_order ? small : large);
        CHECK(content(cache) == "key deleted 10\n");
    }
}

TEST_CASE("version: of two values of one time that no writer signed all nodes keep the same") {
    for (const bool other_order : {false, true}) {
        CAPTURE(other_order);
        Cache cache;
        CHECK(merge(cache, living("key", other_order ? "a" : "b", 10)) == Merge::taken);
        CHECK(merge(cache, living("key", other_order ? "b" : "a", 10)) ==
              (other_order ? Merge::taken : Merge::kept));
        CHECK(content(cache) == "key 10=b\n");
    }
}

TEST_CASE("version: a node signs what it writes, and not what it is told") {
    constexpr NodeId node = 0x0000'0005'1234'5678;
    Cache cache(HashKey{1, 2}, node);
    store(cache, "stored", "value", 10);
    remove(cache, "removed", 10);
    merge(cache, written_by(9, living("told", "value", 10)));
    CHECK(cache.lock("stored").find("stored")->writer == 5);
    CHECK(cache.lock("removed").find("removed")->writer == 5);
    CHECK(cache.lock("told").find("told")->writer == 9);
    cache.lock("told").expire("told", at(100), at(20));  // which leaves the value as it was
    CHECK(cache.lock("told").find("told")->writer == 9);
}

TEST_CASE("version: a clear of another node ends what is older there and here") {
    Cache cache;
    store(cache, "before", "value", 10);
    store(cache, "at", "value", 20);
    store(cache, "after", "value", 21);
    cache.merge_clear(at(20));
    CHECK(cache.cleared() == at(20));
    CHECK(cache.size() == 1);
    CHECK(cache.keys(at(30)) == std::vector<std::string>{"after"});
    CHECK(merge(cache, living("late", "value", 20)) == Merge::kept);
    CHECK(merge(cache, living("late", "value", 21)) == Merge::taken);
    cache.merge_clear(at(5));
    CHECK(cache.cleared() == at(20));
    CHECK(cache.size() == 2);
    store(cache, "before", "again", 15);
    CHECK(cache.lock("before").find("before")->changed == at(21));
}
