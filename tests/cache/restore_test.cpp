// Entries come back from snapshots, of which a later one may have the same.
#include <doctest/doctest.h>

#include "tests/cache/state.hpp"

namespace clacks::cache {
namespace {

EntryView saved(std::string_view key, std::string_view value, long changed, Sequence sequence) {
    auto entry = living(key, value, changed, local_origin);
    entry.sequence = sequence;
    return entry;
}

std::string forgotten(Cache& cache, std::string_view key) {
    std::string all;
    const auto taken = cache.lock(key).take_forgotten();
    for (const auto& one : taken.keys()) all += one + " ";
    return all;
}

}  // namespace

TEST_CASE("restore: a later state takes the place of an earlier one") {
    Cache cache;
    CHECK(cache.restore(saved("a", "old", 10, 1)));
    auto removed = tombstone("b", 11, local_origin);
    removed.sequence = 2;
    CHECK(cache.restore(removed));
    CHECK(cache.restore(saved("a", "new, and longer than the one before it was", 9, 5)));
    CHECK(cache.restore(saved("b", "anew", 12, 6)));
    cache.restored(7, 0);
    CHECK(content(cache) == "a 9=new, and longer than the one before it was\nb 12=anew\n");
    CHECK(cache.size() == 2);
    CHECK(cache.lock("a").find("a")->sequence == 5);
    CHECK(cache.last_forgotten() == 0);
}

TEST_CASE("restore: an earlier state changes nothing and is refused, the same may come twice") {
    Cache cache;
    REQUIRE(cache.restore(saved("a", "new", 10, 5)));
    CHECK_FALSE(cache.restore(saved("a", "old", 11, 4)));
    CHECK(cache.restore(saved("a", "new", 10, 5)));
    cache.restored(6, 0);
    CHECK(content(cache) == "a 10=new\n");
    CHECK(cache.size() == 1);
}

TEST_CASE("restore: what was cleared away is left out with all that was before it") {
    Cache cache;
    cache.merge_clear(at(100));
    CHECK(cache.restore(saved("a", "of a clock ahead", 200, 1)));
    CHECK(cache.restore(saved("a", "corrected", 50, 2)));
    CHECK(cache.restore(saved("b", "old", 60, 3)));
    CHECK(cache.restore(saved("b", "new", 300, 4)));
    cache.restored(5, 0);
    CHECK(content(cache) == "b 300=new\n");
    CHECK(cache.size() == 1);
}

TEST_CASE("restore: what was forgotten before the end of the snapshots is not there") {
    Cache cache;
    CHECK(cache.restore(saved("a", "1", 10, 1)));
    cache.unrestore("a", /*is_in_snapshot=*/false);
    cache.unrestore("never there", /*is_in_snapshot=*/false);
    CHECK(cache.size() == 0);
    CHECK(forgotten(cache, "a") == "");
    CHECK(cache.restore(saved("a", "2", 20, 2)));
    cache.restored(3, 0);
    CHECK(content(cache) == "a 20=2\n");
}

TEST_CASE("restore: what does not fit is told, so that it goes from the snapshots") {
    Cache cache;
    CHECK(cache.restore(saved("a", "1", 10, 1)));
    cache.unrestore("a", /*is_in_snapshot=*/true);
    CHECK(cache.size() == 0);
    CHECK(forgotten(cache, "a") == "a ");
}

TEST_CASE("restore: a tombstone that was evicted meanwhile is one that has been forgotten") {
    Cache cache;
    auto removed = tombstone("a", 11, local_origin);
    removed.sequence = 9;
    CHECK(cache.restore(removed));
    cache.unrestore("a", /*is_in_snapshot=*/true);
    cache.restored(10, 3);
    CHECK(cache.last_forgotten() == 9);
}

}  // namespace clacks::cache
