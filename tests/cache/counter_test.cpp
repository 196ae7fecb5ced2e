#include "cache/counter.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "cache/cache.hpp"
#include "peers.hpp"
#include "state.hpp"

using namespace clacks::cache;

namespace {

std::string add(Peer& peer, std::string_view key, std::string_view step, long now) {
    return std::string(peer.cache.lock(key).add(key, step, false, at(now)));
}

std::string value(Peer& peer, std::string_view key, long now) {
    const auto found = peer.cache.lock(key).retrieve(key, at(now));
    return found ? std::string(*found) : "nothing";
}

}  // namespace

TEST_CASE("counter: increments of nodes that are apart all count when they meet") {
    auto peers = make_peers(3);
    for (int i = 0; i < 10; ++i) add(peers[0], "hits", "1", 10 + i);
    for (int i = 0; i < 5; ++i) add(peers[1], "hits", "2", 10 + i);
    add(peers[2], "hits", "-3", 10);
    meet_all(peers);
    for (Peer& peer : peers) CHECK(value(peer, "hits", 100) == "17");
}

TEST_CASE("counter: what was stored before is the base of all nodes") {
    auto peers = make_peers(2);
    store(peers[0].cache, "hits", "40", 10);
    meet_all(peers);
    add(peers[0], "hits", "1", 20);
    add(peers[1], "hits", "1", 20);
    meet_all(peers);
    for (Peer& peer : peers) CHECK(value(peer, "hits", 100) == "42");
}

TEST_CASE("counter: what is stored or removed later ends what has been counted") {
    for (const bool removed : {false, true}) {
        CAPTURE(removed);
        auto peers = make_peers(2);
        add(peers[0], "hits", "5", 10);
        meet_all(peers);
        add(peers[1], "hits", "5", 20);
        if (removed) {
            remove(peers[0].cache, "hits", 30);
        } else {
            store(peers[0].cache, "hits", "1", 30);
        }
        meet_all(peers);
        for (Peer& peer : peers) CHECK(value(peer, "hits", 100) == (removed ? "nothing" : "1"));
        add(peers[1], "hits", "1", 200);
        add(peers[0], "hits", "1", 200);
        meet_all(peers);
        for (Peer& peer : peers) CHECK(value(peer, "hits", 300) == (removed ? "2" : "3"));
    }
}

TEST_CASE("counter: a clear ends what was counted before it, not what is counted after") {
    auto peers = make_peers(2);
    add(peers[0], "hits", "5", 10);
    meet_all(peers);
    clear(peers[0].cache, 50);
    add(peers[0], "hits", "1", 60);
    add(peers[1], "hits", "7", 55);  // it has not heard of the clear, but this comes later
    meet_all(peers);
    for (Peer& peer : peers) CHECK(value(peer, "hits", 100) == "8");
}

TEST_CASE("counter: a new expiry leaves increments elsewhere in force") {
    auto peers = make_peers(2);
    add(peers[0], "hits", "1", 10);
    meet_all(peers);
    CHECK(peers[0].cache.lock("hits").expire("hits", at(500), at(20)));
    add(peers[1], "hits", "1", 30);
    CHECK(peers[1].cache.lock("hits").expire("hits", at(900), at(40)));
    meet_all(peers);
    for (Peer& peer : peers) {
        CHECK(value(peer, "hits", 600) == "2");
        CHECK(value(peer, "hits", 900) == "nothing");
        CHECK(add(peer, "hits", "1", 1000) == "1");
    }
    meet_all(peers);
    for (Peer& peer : peers) CHECK(value(peer, "hits", 1100) == "2");
}

TEST_CASE("counter: a node that prolonged it keeps its count though others saw it expire") {
    auto peers = make_peers(2);
    add(peers[0], "hits", "5", 10);
    peers[0].cache.lock("hits").expire("hits", at(100), at(11));
    meet_all(peers);
    peers[0].cache.lock("hits").expire("hits", at(1000), at(50));
    clean(peers[1].cache, 200);
    add(peers[0], "hits", "1", 210);
    meet_all(peers);
    for (Peer& peer : peers) CHECK(value(peer, "hits", 300) == "6");
}

TEST_CASE("counter: what a merge adds to what the peer has is told to it, and then nothing more") {
    auto peers = make_peers(2);
    add(peers[0], "hits", "1", 10);
    add(peers[1], "hits", "1", 10);
    const EntryCopy theirs(*peers[0].cache.lock("hits").find("hits"), 7);
    CHECK(merge(peers[1].cache, theirs.view()) == Merge::taken);
    CHECK(peers[1].cache.lock("hits").find("hits")->origin == local_origin);
    const EntryCopy both(*peers[1].cache.lock("hits").find("hits"), 7);
    CHECK(merge(peers[0].cache, both.view()) == Merge::taken);
    CHECK(peers[0].cache.lock("hits").find("hits")->origin == 7);
    CHECK(merge(peers[0].cache, both.view()) == Merge::same);
    CHECK(merge(peers[1].cache, theirs.view()) == Merge::kept);
}

TEST_CASE("counter: a new expiry of a plain value leaves increments elsewhere in force") {
    auto peers = make_peers(2);
    store(peers[0].cache, "hits", "40", 10);
    meet_all(peers);
    add(peers[1], "hits", "2", 15);
    CHECK(peers[0].cache.lock("hits").expire("hits", at(500), at(20)));
    CHECK(value(peers[0], "hits", 30) == "40");
    meet_all(peers);
    for (Peer& peer : peers) {
        CHECK(value(peer, "hits", 400) == "42");
        CHECK(value(peer, "hits", 500) == "nothing");
    }
}

TEST_CASE("counter: a value that got an expiry is the base of what is counted later") {
    auto peers = make_peers(2);
    store(peers[0].cache, "hits", "40", 10);
    CHECK(peers[0].cache.lock("hits").expire("hits", at(500), at(20)));
    meet_all(peers);
    for (Peer& peer : peers) CHECK(value(peer, "hits", 30) == "40");
    add(peers[0], "hits", "1", 30);
    add(peers[1], "hits", "1", 30);
    meet_all(peers);
    for (Peer& peer : peers) {
        CHECK(value(peer, "hits", 400) == "42");
        CHECK(value(peer, "hits", 500) == "nothing");
    }
}

TEST_CASE("counter: what a node had counted before it forgot the entry still counts") {
    auto peers = make_peers(3);
    for (const long now : {10, 20}) {
        add(peers[0], "hits", "5", now);
        tell_all(peers[0], peers[1]);
    }
    tell_all(peers[1], peers[2]);
    add(peers[0], "hits", "5", 30);
    tell_all(peers[0], peers[2]);
    CHECK(clean(peers[0].cache, 100, 0, 100).size() == 1);
    add(peers[0], "hits", "1", 110);
    tell_all(peers[1], peers[0]);  // brings less than it had itself
    add(peers[0], "hits", "1", 120);
    meet_all(peers);
    for (Peer& peer : peers) CHECK(value(peer, "hits", 200) == "17");
}

TEST_CASE("counter: of two copies of a count the one with more increments holds, times aside") {
    auto peers = make_peers(3);
    add(peers[0], "hits", "5", 10);
    meet_all(peers);
    add(peers[0], "hits", "1", 11);
    tell_all(peers[0], peers[1]);
    // Each finds out by itself what time it is in the tree, and none exactly.
    for (std::size_t i = 0; i < peers.size(); ++i) {
        peers[i].cache.shift(std::chrono::microseconds(1000 + 10 * long(i)), [] {});
    }
    meet_all(peers);
    for (Peer& peer : peers) CHECK(value(peer, "hits", 2000) == "6");
}

TEST_CASE("counter: a store that was set back does not go on where others saw it further") {
    auto peers = make_peers(2);
    add(peers[0], "hits", "5", 10);
    tell_all(peers[0], peers[1]);
    Counter further = *peers[0].cache.lock("hits").find("hits")->counter;
    further.contributions.front().count = 3;
    further.contributions.front().sum = "15";
    EntryView entry = living("hits", "15", 10);
    entry.counter = &further;
    CHECK(merge(peers[0].cache, entry) == Merge::taken);
    add(peers[0], "hits", "1", 20);
    CHECK(peers[0].cache.lock("hits").find("hits")->counter->contributions.size() == 2);
    CHECK(value(peers[0], "hits", 30) == "16");
}

TEST_CASE("counter: an entry that was prolonged elsewhere has its value back where it expired") {
    const std::string text(100, 't');
    for (const std::string& stored : {std::string("-40"), text}) {
        for (const bool counted : {false, true}) {
            CAPTURE(stored);
            CAPTURE(counted);
            auto peers = make_peers(2);
            store_until(peers[0].cache, "hits", stored, 10, 100);
            if (counted) peers[0].cache.lock("hits").expire("hits", at(90), at(11));
            meet_all(peers);
            peers[1].cache.lock("hits").expire("hits", at(1000), at(50));
            clean(peers[0].cache, 200);
            CHECK(value(peers[0], "hits", 200) == "nothing");
            meet_all(peers);
            for (Peer& peer : peers) CHECK(value(peer, "hits", 300) == stored);
        }
    }
}

TEST_CASE("counter: a value that all but one have lost comes back with whatever is heard last") {
    auto peers = make_peers(2);
    store_until(peers[0].cache, "k", "value", 10, 100);
    meet_all(peers);
    peers[0].cache.lock("k").expire("k", at(1000), at(50));
    clean(peers[1].cache, 200);
    // That it was prolonged is heard from somebody who has lost the value as well.
    EntryCopy prolonged(*peers[0].cache.lock("k").find("k"), 7);
    EntryView lost = prolonged.view();
    Counter parts = *lost.counter;
    parts.base.clear();
    lost.counter = &parts;
    lost.deleted = true;
    lost.value = {};
    CHECK(merge(peers[1].cache, lost) == Merge::taken);
    CHECK(value(peers[1], "k", 300) == "nothing");
    CHECK(merge(peers[0].cache, lost) == Merge::kept);
    CHECK(merge(peers[1].cache, prolonged.view()) == Merge::taken);
    CHECK(value(peers[1], "k", 300) == "value");
}

TEST_CASE("counter: who would add a part too many begins anew with the total") {
    Counter full;
    for (std::uint64_t id = 1; id <= Counter::most_contributions; ++id) {
        full.contributions.push_back({id, at(10), at(10), 1, "1"});
    }
    EntryView entry = living("hits", "10000", 10);
    entry.counter = &full;
    auto peers = make_peers(2);
    for (Peer& peer : peers) merge(peer.cache, entry);
    CHECK(add(peers[0], "hits", "1", 20) == "10001");
    CHECK(peers[0].cache.lock("hits").find("hits")->counter->contributions.size() == 1);
    meet_all(peers);
    CHECK(add(peers[1], "hits", "1", 30) == "10002");
    meet_all(peers);
    for (Peer& peer : peers) CHECK(value(peer, "hits", 40) == "10002");
}

TEST_CASE("counter: of a long text only what it counts as is kept") {
    auto peers = make_peers(2);
    const std::string text(1000, 't');
    store(peers[0].cache, "hits", text, 10);
    add(peers[0], "hits", "1", 20);
    CHECK(peers[0].cache.lock("hits").find("hits")->counter->base == "0");
    store(peers[1].cache, "hits", text, 30);
    meet_all(peers);
    for (Peer& peer : peers) CHECK(value(peer, "hits", 40) == text);
}

TEST_CASE("counter: a value that is no number counts as 0, integers stay exact to 64 bits") {
    auto peers = make_peers(2);
    store(peers[0].cache, "text", "many", 10);
    store(peers[0].cache, "large", "18446744073709551000", 10);
    meet_all(peers);
    for (Peer& peer : peers) {
        add(peer, "text", "1", 20);
        add(peer, "large", "300", 20);
    }
    meet_all(peers);
    for (Peer& peer : peers) {
        CHECK(value(peer, "text", 100) == "2");
        CHECK(value(peer, "large", 100) == "18446744073709551600");
    }
}

TEST_CASE("counter: merging is idempotent, commutative and associative") {
    const auto random_counter = [](std::mt19937& random) {
        Counter counter;
        counter.base_changed = counter.expires_set = at(static_cast<long>(random() % 3) * 10);
        counter.base_deleted = false;
        counter.base = std::to_string(counter.base_changed.time_since_epoch().count());
        for (std::uint64_t id = 1; id <= 3; ++id) {
            const long started = 1 + static_cast<long>(random() % 3) * 10;
            const long changed = started + static_cast<long>(random() % 3);
            if (random() % 3 == 0 || at(started) <= counter.base_changed) continue;
            counter.contributions.push_back({id, at(started), at(changed),
                                             static_cast<std::uint64_t>(changed),
                                             std::to_string(changed * 100 + long(id))});
        }
        return counter;
    };
    const auto entry_of = [](const Counter& counter) {
        EntryView entry = living("k", "", 0);
        entry.changed = counter.changed();
        entry.counter = &counter;
        return entry;
    };
    const auto merged = [&](std::initializer_list<const Counter*> all) {
        Cache cache;
        for (const Counter* one : all) merge(cache, entry_of(*one));
        return content(cache);
    };
    for (unsigned seed = 0; seed < 300; ++seed) {
        CAPTURE(seed);
        std::mt19937 random(seed);
        const Counter a = random_counter(random);
        const Counter b = random_counter(random);
        const Counter c = random_counter(random);
        CHECK(merged({&a, &b}) == merged({&b, &a}));
        CHECK(merged({&a, &b, &a, &b}) == merged({&a, &b}));
        CHECK(merged({&a, &b, &c}) == merged({&c, &b, &a}));
        CHECK(merged({&b, &c, &a}) == merged({&a, &c, &b}));
    }
}
