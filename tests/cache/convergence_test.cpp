#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "cache/cache.hpp"
#include "state.hpp"

using namespace clacks::cache;

namespace {

struct Change {
    std::string key;
    std::string value;
    long changed;
    bool deleted;
    WallTime expires = never;

    EntryView view() const {
        EntryView entry = deleted ? tombstone(key, changed) : living(key, value, changed);
        entry.expires = expires;
        return entry;
    }
};

// Versions are unique, as the clocks of nodes make them; of one version there is one content.
std::vector<Change> random_changes(std::mt19937& random, int count, int key_count) {
    std::vector<Change> changes;
    for (int i = 0; i < count; ++i) {
        const auto key = static_cast<int>(random() % static_cast<unsigned>(key_count));
        const std::string value(random() % 200, static_cast<char>('a' + i % 26));
        changes.push_back({"key" + std::to_string(key), value, 10 * i, random() % 4 == 0});
    }
    return changes;
}

// Everything a node has to tell. (A copy: a thread holds one shard at a time.)
std::vector<Change> all(Cache& cache) {
    std::vector<Change> changes;
    for (unsigned i = 0; i < Cache::shard_count; ++i) {
        cache.lock(i).for_each([&](const EntryView& entry) {
            changes.push_back({std::string(entry.key), std::string(entry.value),
                               static_cast<long>(entry.changed.time_since_epoch().count()),
                               entry.deleted, entry.expires});
        });
    }
    return changes;
}

// In any order, some of them twice.
std::vector<Change> shuffled(std::vector<Change> changes, std::mt19937& random) {
    const std::size_t count = changes.size();
    for (std::size_t i = 0; i < count / 3; ++i) changes.push_back(changes[random() % count]);
    std::shuffle(changes.begin(), changes.end(), random);
    return changes;
}

void merge_shuffled(Cache& cache, const std::vector<Change>& changes, std::mt19937& random) {
    for (const Change& change : shuffled(changes, random)) merge(cache, change.view());
}

// Every node tells every other everything.
void exchange(std::vector<Cache>& nodes) {
    for (Cache& from : nodes) {
        for (Cache& to : nodes) {
            if (&from == &to) continue;
            for (const Change& change : all(from)) merge(to, change.view());
        }
    }
}

}  // namespace

TEST_CASE("cache: any order of arrival with any duplicates ends in the same content") {
    for (unsigned seed = 0; seed < 50; ++seed) {
        CAPTURE(seed);
        std::mt19937 random(seed);
        const std::vector<Change> changes = random_changes(random, 200, 20);
        Cache in_order;
        for (const Change& change : changes) merge(in_order, change.view());
        for (int i = 0; i < 3; ++i) {
            Cache cache;
            merge_shuffled(cache, changes, random);
            CHECK(content(cache) == content(in_order));
            CHECK(cache.size() == in_order.size());
            CHECK(cache.keys(at(0)) == in_order.keys(at(0)));
        }
    }
}

TEST_CASE("cache: nodes that write by themselves agree after telling each other everything") {
    for (unsigned seed = 0; seed < 50; ++seed) {
        CAPTURE(seed);
        std::mt19937 random(seed);
        std::vector<Cache> nodes(3);
        for (int i = 0; i < 300; ++i) {
            // The last digit of a time is the node's: no two write in the same microsecond.
            const auto node = random() % nodes.size();
            const std::string key = "key" + std::to_string(random() % 15);
            const long now =
                static_cast<long>(random() % 1000) * 1'000'000 + static_cast<long>(node);
            if (random() % 4 == 0) {
                remove(nodes[node], key, now);
            } else {
                store(nodes[node], key, std::to_string(i), now);
            }
        }
        for (int round = 0; round < 2; ++round) exchange(nodes);
        CHECK(content(nodes[0]) == content(nodes[1]));
        CHECK(content(nodes[0]) == content(nodes[2]));
    }
}

TEST_CASE("cache: what has expired is the same everywhere, whenever it arrives and is buried") {
    constexpr long end = 3000;
    for (unsigned seed = 0; seed < 50; ++seed) {
        CAPTURE(seed);
        std::mt19937 random(seed);
        std::vector<Change> changes = random_changes(random, 200, 20);
        for (Change& change : changes) {
            const long lifetime = static_cast<long>(random() % 1000);
            if (!change.deleted && random() % 2) change.expires = at(change.changed + lifetime);
        }
        Cache in_order;
        for (const Change& change : changes) merge(in_order, change.view());

        // A plain link carries entries, but not their expiry.
        std::vector<Change> arriving = changes;
        for (Change change : changes) {
            change.expires = never;
            if (random() % 4 == 0) arriving.push_back(change);
        }
        for (int i = 0; i < 3; ++i) {
            Cache cache;
            for (const Change& change : shuffled(arriving, random)) {
                merge(cache, change.view());
                if (random() % 20 == 0) clean(cache, static_cast<long>(random() % end));
            }
            CHECK(content(cache, end) == content(in_order, end));
            CHECK(cache.keys(at(end)) == in_order.keys(at(end)));
        }
        clean(in_order, end);
        CHECK(in_order.size() == in_order.keys(at(end)).size());
    }
}

TEST_CASE("cache: nodes that let entries expire by themselves agree after an exchange") {
    constexpr long end = 2'000'000'000;
    for (unsigned seed = 0; seed < 50; ++seed) {
        CAPTURE(seed);
        std::mt19937 random(seed);
        std::vector<Cache> nodes(3);
        long now = 0;
        for (int i = 0; i < 300; ++i) {
            // No two nodes write, and nothing expires, within a thousand microseconds.
            const auto node = random() % nodes.size();
            const std::string key = "key" + std::to_string(random() % 15);
            now += 1'000'000;
            const long expires = now + 1'000'000 * static_cast<long>(random() % 100) + 500'000;
            auto shard = nodes[node].lock(key);
            switch (random() % 6) {
                case 0:
                    shard.remove(key, at(now));
                    break;
                case 1:
                    shard.expire(key, at(expires), at(now));
                    break;
                case 2:
                    shard.add(key, "1", false, at(now));
                    break;
                case 3:
                    shard.clean(at(now), at(0), at(0), [](std::string_view, Cleaned) {});
                    break;
                default:
                    shard.store(key, std::to_string(i), at(now), local_origin,
                                random() % 2 ? at(expires) : never);
            }
        }
        for (const long look : {now, end}) {
            for (int round = 0; round < 2; ++round) exchange(nodes);
            CHECK(content(nodes[0], look) == content(nodes[1], look));
            CHECK(content(nodes[0], look) == content(nodes[2], look));
            CHECK(nodes[0].keys(at(look)) == nodes[1].keys(at(look)));
            clean(nodes[1], look);
        }
    }
}

TEST_CASE("cache: after a clear nothing older lives, in whatever order it arrives") {
    for (unsigned seed = 0; seed < 50; ++seed) {
        CAPTURE(seed);
        std::mt19937 random(seed);
        const std::vector<Change> changes = random_changes(random, 200, 20);
        const long cleared = 10 * static_cast<long>(random() % 200) + 5;

        // What must live in the end: the newest change of each key, if that is after the clear.
        Cache expected;
        for (const Change& change : changes) {
            if (change.changed > cleared) merge(expected, change.view());
        }
        for (const std::size_t before : {std::size_t{0}, changes.size() / 2}) {
            CAPTURE(before);
            Cache cache;
            for (std::size_t i = 0; i < before; ++i) {
                if (changes[i].changed <= cleared) merge(cache, changes[i].view());
            }
            clear(cache, cleared);
            merge_shuffled(cache, changes, random);
            CHECK(cache.keys(at(0)) == expected.keys(at(0)));
            for (const std::string& key : expected.keys(at(0))) {
                CAPTURE(key);
                CHECK(entry(cache, key) == entry(expected, key));
            }
        }
    }
}
