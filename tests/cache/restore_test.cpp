// Entries come back from snapshots.
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

TEST_CASE("restore: an entry comes back with its number, and as it was") {
    Cache cache;
    CHECK(cache.restore(saved("a", "1", 10, 5)));
    auto removed = tombstone("b", 11, local_origin);
    removed.sequence = 6;
    CHECK(cache.restore(removed));
    cache.restored(7, 0);
    CHECK(content(cache) == "a 10=1\nb deleted 11\n");
    CHECK(cache.size() == 1);
    CHECK(cache.lock("a").find("a")->sequence == 5);
    CHECK(cache.last_forgotten() == 0);
}

TEST_CASE("restore: a key that is there already changes nothing and is refused") {
    Cache cache;
    REQUIRE(cache.restore(saved("a", "1", 10, 5)));
    CHECK_FALSE(cache.restore(saved("a", "2", 11, 6)));
    CHECK(content(cache) == "a 10=1\n");
}

TEST_CASE("restore: what was cleared away is left out, and told") {
    Cache cache;
    cache.merge_clear(at(100));
    CHECK(cache.restore(saved("a", "old", 60, 3)));
    CHECK(cache.restore(saved("b", "new", 300, 4)));
    cache.restored(5, 0);
    CHECK(content(cache) == "b 300=new\n");
    CHECK(forgotten(cache, "a") == "a ");
}

TEST_CASE("restore: what does not fit is told, so that it goes from the snapshots") {
    Cache cache;
    cache.leave_out("a");
    cache.restored(5, 0);
    CHECK(cache.size() == 0);
    CHECK(forgotten(cache, "a") == "a ");
}

TEST_CASE("restore: a tombstone that was evicted meanwhile is one that has been forgotten") {
    constexpr std::size_t memory = 64U << 10U;
    Cache cache;
    cache.set_budget(memory, /*evicts=*/true);
    for (Sequence i = 1; i <= 2000; ++i) {
        const std::string key = "key" + std::to_string(i);
        auto removed = tombstone(key, 11, local_origin);
        removed.sequence = i;
        const auto room = cache.make_room(removed, at(20));
        REQUIRE(room);
        CHECK(cache.restore(removed));
    }
    cache.restored(2000, 3);
    CHECK(cache.last_forgotten() > 100);
}

}  // namespace clacks::cache
