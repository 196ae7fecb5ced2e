#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "tests/interclacks/link_pair.hpp"

using namespace clacks;
using namespace clacks::interclacks;
using namespace std::chrono_literals;

namespace {

std::size_t count(const std::string& text, std::string_view part) {
    std::size_t found = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
    return found;
}

/// A key that is in the shard `index`.
std::string key_in(const cache::Cache& cache, unsigned index) {
    for (int i = 0;; ++i) {
        std::string key = "key" + std::to_string(i);
        if (cache.shard_of(key) == index) return key;
    }
}

}  // namespace

TEST_CASE("link: the store goes out in parts, a shard each") {
    LinkPair pair;
    for (int i = 0; i < 500; ++i) {
        pair.change(pair.master, "STORE key" + std::to_string(i) + "=" + std::to_string(i));
    }
    pair.master.parts_at_once = 0;
    pair.connect();
    pair.settle();
    pair.slave.heard();
    std::size_t keysyncs = 0;
    for (unsigned part = 0; part < cache::Cache::shard_count; ++part) {
        CAPTURE(part);
        CHECK_FALSE(pair.master.link->carries(part));
        const bool more = pair.send_part(pair.master);
        CHECK(pair.master.link->carries(part));
        pair.settle();
        const std::string heard = pair.slave.heard();
        const bool last = part + 1 == cache::Cache::shard_count;
        CHECK(more == !last);
        CHECK(count(heard, "OVERHEAD L 0") == (last ? 1 : 0));
        CHECK(count(heard, "KEYSYNC") > 0);
        CHECK(count(heard, "KEYSYNC") < 60);
        keysyncs += count(heard, "KEYSYNC");
    }
    CHECK(keysyncs == 500);
    CHECK(pair.slave.content() == pair.master.content());
    CHECK_FALSE(pair.send_part(pair.master));
}

TEST_CASE("link: a change during the sync goes out once: at once or with the store") {
    for (const bool at_master : {true, false}) {
        CAPTURE(at_master);
        LinkPair pair;
        LinkEnd& end = at_master ? pair.master : pair.slave;
        LinkEnd& other = at_master ? pair.slave : pair.master;
        const std::string early = key_in(end.cache, 3);
        const std::string late = key_in(end.cache, 20);
        pair.change(end, "STORE " + early + "=before");
        pair.change(end, "STORE " + late + "=before");
        end.parts_at_once = 0;
        pair.connect();
        pair.settle();
        for (int part = 0; part < 10; ++part) pair.send_part(end);
        pair.settle();
        CHECK(other.content() == early + "=before");
        other.heard();

        pair.change(end, "STORE " + early + "=after");
        pair.change(end, "STORE " + late + "=after");
        pair.settle();
        CHECK(other.heard() == "STORE " + early + "=after");
        while (pair.send_part(end)) {
        }
        pair.settle();
        const std::string heard = other.heard();
        CHECK(count(heard, late + "=after") == 1);
        CHECK(count(heard, "before") == 0);
        CHECK(count(heard, early) == 0);
        CHECK(other.content() == end.content());
    }
}

TEST_CASE("link: what a client stored before the master let us in goes with the store") {
    LinkPair pair;
    pair.connect();
    pair.advance(50ms);
    pair.change(pair.slave, "STORE early=1");
    pair.settle();
    CHECK(count(pair.master.heard(), "early=1") == 1);
    CHECK(pair.master.content() == "early=1");
}

TEST_CASE("link: what the peer told us is not told back to it") {
    LinkPair pair;
    pair.change(pair.master, "STORE a=1");
    pair.change(pair.master, "STORE gone=1");
    pair.change(pair.master, "REMOVE gone");
    pair.join();
    CHECK(count(pair.master.heard(), "KEYSYNC") == 0);
    CHECK(pair.slave.content() == "a=1");

    // Also when the slave has had it since the last link: the master's KEYSYNC says it is the same.
    pair.slave.heard();
    pair.join();
    CHECK(count(pair.slave.heard(), "KEYSYNC") == 2);
    CHECK(count(pair.master.heard(), "KEYSYNC") == 0);
}

TEST_CASE("link: what only one end has is told to a peer that comes back without it") {
    LinkPair pair;
    pair.change(pair.master, "STORE a=1");
    pair.join();
    // The master has lost everything; the slave still knows.
    LinkPair anew;
    anew.slave.cache.lock("a").merge({.key = "a",
                                      .value = "1",
                                      .changed = WallTime(1'600'000'000s),
                                      .accessed = WallTime(1'600'000'000s),
                                      .origin = 0});
    anew.join();
    CHECK(anew.master.content() == "a=1");
    CHECK(anew.slave.content() == "a=1");
}

TEST_CASE("link: a tombstone travels like any change, live and with the store") {
    LinkPair pair;
    pair.change(pair.master, "STORE a=1");
    pair.change(pair.slave, "STORE b=1");
    pair.join();
    pair.advance(1s);
    pair.change(pair.master, "REMOVE a");
    pair.settle();
    CHECK(pair.slave.heard().ends_with(" | REMOVE a"));
    CHECK(pair.slave.content() == "b=1");
    pair.disconnect();
    pair.advance(1s);
    pair.change(pair.slave, "REMOVE b");
    pair.change(pair.slave, "STORE a=back");
    pair.join();
    CHECK(pair.master.content() == "a=back");
    CHECK(pair.slave.content() == "a=back");
}

TEST_CASE("link: a key that was removed while the peer was away does not come back") {
    for (const bool at_master : {true, false}) {
        CAPTURE(at_master);
        LinkPair pair;
        pair.change(pair.master, "STORE a=1");
        pair.join();
        pair.disconnect();
        pair.advance(1s);
        pair.change(at_master ? pair.master : pair.slave, "REMOVE a");
        pair.advance(1s);
        pair.join();
        CHECK(pair.master.content() == "");
        CHECK(pair.slave.content() == "");
    }
}

TEST_CASE("link: a store of nothing is exchanged too") {
    LinkPair pair;
    pair.join();
    CHECK(pair.slave.link->synced());
    CHECK(pair.master.link->synced());
    CHECK(count(pair.slave.heard() + pair.master.heard(), "KEYSYNC") == 0);
}

TEST_CASE("link: after a CLEARCACHE nothing of the store is left to send, and changes go at once") {
    LinkPair pair;
    const std::string unsent = key_in(pair.master.cache, 20);
    pair.change(pair.master, "STORE " + unsent + "=before");
    pair.master.parts_at_once = 0;
    pair.connect();
    pair.settle();
    pair.send_part(pair.master);
    pair.slave.heard();
    pair.master.cache.clear(pair.now(pair.master).wall,
                            [&](WallTime) { pair.master.link->clear(); });
    pair.change(pair.master, "STORE " + unsent + "=after");
    CHECK_FALSE(pair.send_part(pair.master));
    pair.settle();
    CHECK(pair.slave.heard() == "STORE " + unsent + "=after | OVERHEAD L 0 | PING");
    CHECK(pair.master.link->synced());
    CHECK(pair.slave.link->synced());
}

TEST_CASE("link: a CLEARCACHE that the peer will not hear of leaves the store to be sent") {
    LinkPair pair;
    pair.change(pair.slave, "STORE key=before");
    pair.connect();
    pair.slave.cache.clear(pair.now(pair.slave).wall, [&](WallTime) { pair.slave.link->clear(); });
    pair.change(pair.slave, "STORE key=after");
    pair.settle();
    CHECK(count(pair.master.heard(), "KEYSYNC") == 1);
    CHECK(pair.master.content() == "key=after");
}

TEST_CASE("link: what a slave says of a key that changed after it had our store is an echo") {
    LinkPair pair;
    pair.join();
    // The slave told its time 100 ms after it was asked: so much its clock is in doubt.
    const Link& link = *pair.master.link;
    const WallTime sent = pair.now(pair.master).wall;
    const auto entry = [&](std::chrono::microseconds after, cache::Origin origin) {
        return cache::EntryView{.key = "k", .changed = sent + after, .origin = origin};
    };
    constexpr auto other = cache::local_origin;
    const auto peer = link.origin();
    CHECK(link.outdated(entry(1s, peer), entry(1s, other)));
    CHECK(link.outdated(entry(0s, peer), entry(1s, other)));
    CHECK(link.outdated(entry(1s + 100ms, peer), entry(1s, other)));
    // Newer beyond doubt; told to us by the slave itself; from before the slave had our store.
    CHECK_FALSE(link.outdated(entry(1s + 101ms, peer), entry(1s, other)));
    CHECK_FALSE(link.outdated(entry(1s, peer), entry(1s, peer)));
    CHECK_FALSE(link.outdated(entry(-1s, peer), entry(-1s, other)));
    // A master of ours sends back nothing.
    CHECK_FALSE(pair.slave.link->outdated(entry(1s, pair.slave.link->origin()), entry(1s, other)));
}
