#include "cache/cursor.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "state.hpp"

using namespace clacks::cache;

namespace {

constexpr std::size_t everything = 1'000'000;

/// Up to `limit` entries; whether there are more.
template <class Visit>
bool step(Cursor& cursor, unsigned shard, std::size_t limit, Visit&& visit) {
    bool more = false;
    cursor.step(
        shard,
        [&](const EntryView& entry) {
            visit(entry);
            return --limit > 0;
        },
        [&](bool at_end) { more = !at_end; });
    return more;
}

/// What the cursor comes by until it has caught up: `key=value` or `key deleted`, joined.
std::string read(Cursor& cursor, std::size_t at_once = everything) {
    std::string seen;
    for (unsigned shard = 0; shard < Cache::shard_count; ++shard) {
        const auto visit = [&](const EntryView& entry) {
            seen.append(seen.empty() ? "" : " ").append(entry.key);
            seen.append(entry.deleted ? " deleted" : "=").append(entry.value);
        };
        while (step(cursor, shard, at_once, visit)) {
        }
    }
    return seen;
}

}  // namespace

TEST_CASE("cursor: comes by what there was before it, and by each change after") {
    Cache cache;
    store(cache, "key", "1", 10);
    Cursor cursor(cache);
    CHECK(read(cursor) == "key=1");
    CHECK(read(cursor) == "");
    store(cache, "key", "2", 20);
    CHECK(read(cursor) == "key=2");
    remove(cache, "key", 30);
    CHECK(read(cursor) == "key deleted");
    merge(cache, living("key", "3", 40));
    CHECK(read(cursor) == "key=3");
    cache.lock("key").add("key", "1", false, at(50));
    CHECK(read(cursor) == "key=4");
    cache.lock("key").expire("key", at(100), at(60));
    CHECK(read(cursor) == "key=4");
}

TEST_CASE("cursor: what does not change an entry is no change") {
    Cache cache;
    store(cache, "key", "value", 10);
    merge(cache, living("key", "old", 5));
    Cursor cursor(cache);
    read(cursor);
    const auto sequence = cache.last_sequence();
    cache.lock("key").retrieve("key", at(20));
    merge(cache, living("key", "old", 5));
    cache.lock("other").expire("other", at(100), at(20));
    clean(cache, 30);
    CHECK(read(cursor) == "");
    CHECK(cache.last_sequence() == sequence);
}

TEST_CASE("cursor: begins anew in one shard, and goes on in the others") {
    Cache cache;
    store(cache, "a", "1", 10);
    std::string other = "b";
    while (cache.shard_of(other) == cache.shard_of("a")) other += 'b';
    store(cache, other, "1", 20);
    Cursor cursor(cache, cache.last_sequence());
    CHECK(read(cursor) == "");
    cursor.restart(cache.shard_of("a"));
    CHECK(read(cursor) == "a=1");
    CHECK(read(cursor) == "");
    store(cache, other, "2", 30);
    CHECK(read(cursor) == other + "=2");
}

TEST_CASE("cursor: sees an entry that changed often once, as it is now") {
    Cache cache;
    Cursor cursor(cache);
    for (int i = 0; i < 10; ++i) store(cache, "key", std::to_string(i), i);
    CHECK(read(cursor) == "key=9");
    // Values of other sizes: the record moves.
    for (int i = 0; i < 10; ++i) store(cache, "key", std::string(100U << i, 'x'), 100 + i);
    CHECK(read(cursor) == "key=" + std::string(100U << 9, 'x'));
}

TEST_CASE("cursor: does not see what has been forgotten") {
    Cache cache;
    Cursor cursor(cache);
    store(cache, "stale", "value", 10);
    remove(cache, "removed", 10);
    store(cache, "fresh", "value", 90);
    CHECK(clean(cache, 100, 50, 50).size() == 2);
    CHECK(read(cursor) == "fresh=value");
}

TEST_CASE("cursor: goes on in steps, while others go their own way") {
    Cache cache(HashKey{1, 2});
    std::string key = "key";
    const unsigned shard = cache.shard_of(key);
    std::vector<std::string> keys;
    for (int i = 0; keys.size() < 5; ++i) {
        key = "key" + std::to_string(i);
        if (cache.shard_of(key) == shard) keys.push_back(key);
    }
    for (const auto& name : keys) store(cache, name, "1", 10);
    Cursor slow(cache);
    Cursor fast(cache);
    std::vector<std::string> seen;
    const auto note = [&](const EntryView& entry) { seen.emplace_back(entry.key); };
    CHECK(step(slow, shard, 2, note));
    CHECK_FALSE(step(fast, shard, everything, [](const EntryView&) {}));
    store(cache, keys[0], "2", 20);  // again, behind the others
    store(cache, keys[3], "2", 20);  // not seen yet: once, behind them
    CHECK(step(slow, shard, 2, note));
    CHECK_FALSE(step(slow, shard, everything, note));
    CHECK(seen == std::vector<std::string>{keys[0], keys[1], keys[2], keys[4], keys[0], keys[3]});
    seen.clear();
    CHECK_FALSE(step(fast, shard, everything, note));
    CHECK(seen == std::vector<std::string>{keys[0], keys[3]});
}

TEST_CASE("cursor: begins behind the change it is told") {
    Cache cache;
    std::map<Sequence, std::string> made;
    for (int i = 0; i < 100; ++i) {
        const std::string key = "key" + std::to_string(i);
        store(cache, key, "value", i);
        made[cache.last_sequence()] = key;
    }
    for (const Sequence after : {0, 1, 50, 99, 100, 1000}) {
        CAPTURE(after);
        Cursor cursor(cache, after);
        std::size_t seen = 0;
        for (unsigned shard = 0; shard < Cache::shard_count; ++shard) {
            step(cursor, shard, everything, [&](const EntryView&) { ++seen; });
        }
        CHECK(seen == (after > 100 ? 0 : 100 - after));
    }
    Cursor last(cache, 99);
    CHECK(read(last) == made[100] + "=value");
}

TEST_CASE("cursor: one that reads while others write has seen everything in the end") {
    Cache cache;
    std::atomic<bool> done{false};
    std::vector<std::thread> writers;
    for (int w = 0; w < 3; ++w) {
        writers.emplace_back([&, w] {
            for (int i = 0; i < 20'000; ++i) {
                const std::string key = "key" + std::to_string((i * 7 + w) % 500);
                if (i % 11 == 0) {
                    remove(cache, key, i);
                } else {
                    store(cache, key, std::to_string(i), i);
                }
            }
        });
    }
    Cursor cursor(cache);
    std::map<std::string, std::string> seen;
    std::thread reader([&] {
        for (bool last = false; !last;) {
            last = done.load();
            for (unsigned shard = 0; shard < Cache::shard_count; ++shard) {
                const auto visit = [&](const EntryView& entry) {
                    seen[std::string(entry.key)] = entry.deleted ? "deleted" : entry.value;
                };
                while (step(cursor, shard, 16, visit)) {
                }
            }
        }
    });
    for (auto& writer : writers) writer.join();
    done = true;
    reader.join();
    std::map<std::string, std::string> there;
    for (unsigned shard = 0; shard < Cache::shard_count; ++shard) {
        cache.lock(shard).for_each([&](const EntryView& entry) {
            there[std::string(entry.key)] = entry.deleted ? "deleted" : entry.value;
        });
    }
    CHECK(seen == there);
}

TEST_CASE("cursor: begins after a number however much has changed since") {
    Cache cache;
    store(cache, "old", "1", 10);
    const Sequence before = cache.last_sequence();
    std::string first;
    // More of one shard than is looked through at once.
    for (int i = 0; first.size() < 20'000; ++i) {
        const std::string key = "key" + std::to_string(i);
        if (cache.shard_of(key) != cache.shard_of("old")) continue;
        store(cache, key, "", 20);
        first.append(first.empty() ? "" : " ").append(key) += '=';
    }
    Cursor cursor(cache, before);
    CHECK(read(cursor) == first);
    CHECK(read(cursor) == "");
}

TEST_CASE("cursor: looks at no more entries at once than it is told to") {
    Cache cache;
    for (int i = 0; i < 1000; ++i) store(cache, "key" + std::to_string(i), "1", 10);
    Cursor cursor(cache);
    std::size_t seen = 0;
    bool at_end = false;
    for (int steps = 0; !at_end; ++steps) {
        REQUIRE(steps < 1000);
        const auto looked = cursor.step(
            0, [&](const EntryView&) { return ++seen > 0; }, [&](bool end) { at_end = end; }, 7);
        CHECK(looked <= 7);
    }
    std::size_t expected = 0;
    cache.lock(0U).for_each([&](const EntryView&) { ++expected; });
    CHECK(seen == expected);
}

TEST_CASE("cursor: comes by what is to be told again, and by an expiry that was taken over") {
    Cache cache;
    merge(cache, living("key", "1", 10));
    merge(cache, tombstone("gone", 10));
    merge(cache, expiring("expiring", "1", 10, 100));
    Cursor cursor(cache);
    read(cursor);
    CHECK(cache.lock("key").tell_again("key"));
    CHECK(cache.lock("gone").tell_again("gone"));
    CHECK_FALSE(cache.lock("other").tell_again("other"));
    CHECK(merge(cache, expiring("expiring", "1", 10, 50)) == Merge::taken);
    const std::string seen = read(cursor);
    for (const char* const each : {"key=1", "gone deleted", "expiring=1"}) {
        CHECK(seen.find(each) != std::string::npos);
    }
    clear(cache, 20);
    CHECK_FALSE(cache.lock("key").tell_again("key"));
}

TEST_CASE("cursor: who knows all changes up to a number knows all tombstones forgotten so far") {
    Cache cache;
    CHECK(cache.last_forgotten() == 0);
    store(cache, "key", "1", 10);
    remove(cache, "key", 20);
    const Sequence removed = cache.last_sequence();
    store(cache, "other", "1", 30);
    clean(cache, 100, 21);
    CHECK(cache.last_forgotten() == removed);
    // What is only forgotten here, and what a clear has ended, is another matter.
    clean(cache, 100, 0, 100);
    store(cache, "third", "1", 110);
    clear(cache, 120);
    clean(cache, 1000, 1000);
    CHECK(cache.last_forgotten() == removed);
}

TEST_CASE("cursor: who keeps copies is told what the store has forgotten of them") {
    Cache cache;
    const auto forgotten = [&cache] {
        std::string keys;
        for (unsigned shard = 0; shard < Cache::shard_count; ++shard) {
            const auto forgotten_here = cache.lock(shard).take_forgotten();
            for (const auto& key : forgotten_here.keys()) keys += key + " ";
        }
        return keys;
    };
    const auto forget_all = [&cache] {
        for (unsigned shard = 0; shard < Cache::shard_count; ++shard)
            cache.lock(shard).clean(at(100), at(0), at(100), [](auto, auto) {});
    };
    Cursor other(cache);
    store(cache, "seen by another", "1", 10);
    read(other);
    forget_all();
    CHECK(forgotten() == "");

    Cursor cursor(cache, 0, Cursor::Keeping::copies);
    store(cache, "copied", "1", 10);
    read(cursor);
    store(cache, "copied", "a value that needs another place in memory, because it is long", 20);
    store(cache, "not copied yet", "1", 10);
    forget_all();
    CHECK(forgotten() == "copied ");
    CHECK(forgotten() == "");
    store(cache, "copied", "1", 10);
    forget_all();
    CHECK(forgotten() == "");
}

TEST_CASE(
    "cursor: of what was forgotten so much is told as memory is worth it, and that it is not all") {
    Cache cache;
    Cursor cursor(cache, 0, Cursor::Keeping::copies);
    for (int i = 0; i < 100'000; ++i) store(cache, "key" + std::to_string(i), "1", 10);
    read(cursor);
    std::size_t told = 0;
    bool incomplete = false;
    for (unsigned shard = 0; shard < Cache::shard_count; ++shard) {
        auto locked = cache.lock(shard);
        locked.clean(at(100), at(0), at(100), [](auto, auto) {});
        const auto forgotten = locked.take_forgotten();
        told += forgotten.keys().size();
        incomplete |= forgotten.incomplete();
        CHECK_FALSE(locked.take_forgotten().incomplete());
    }
    CHECK(told > 10'000);
    CHECK(told < 100'000);
    CHECK(incomplete);
}
