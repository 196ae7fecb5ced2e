#include <doctest/doctest.h>

#include "tests/interclacks/link_pair.hpp"

using namespace clacks;
using namespace clacks::interclacks;
using namespace std::chrono_literals;

namespace {

constexpr std::chrono::microseconds errors[] = {0s,    100ms,  -100ms, 5min, -5min,
                                                90min, -90min, 49h,    -49h};

}  // namespace

TEST_CASE("link: the later write wins at both ends, whatever the slave's clock says") {
    for (const auto error : errors) {
        for (const bool slave_is_later : {true, false}) {
            CAPTURE(error.count());
            CAPTURE(slave_is_later);
            LinkPair pair(error);
            LinkEnd& first = slave_is_later ? pair.master : pair.slave;
            LinkEnd& second = slave_is_later ? pair.slave : pair.master;
            pair.change(first, "STORE key=old");
            pair.change(first, "STORE removed=1");
            pair.change(first, "REMOVE stored");
            pair.advance(1s);
            pair.change(second, "STORE key=new");
            pair.change(second, "REMOVE removed");
            pair.change(second, "STORE stored=1");
            pair.advance(1s);
            pair.join();
            CHECK(pair.slave.content() == "key=new stored=1");
            CHECK(pair.master.content() == "key=new stored=1");
        }
    }
}

TEST_CASE("link: the way a line takes makes nothing look newer than it is") {
    // The slave's copy of an old value must not win over what was stored after it, also if the
    // lines were long on their way.
    for (const auto error : errors) {
        for (const auto delay : {1ms, 500ms, 5000ms}) {
            CAPTURE(error.count());
            CAPTURE(delay.count());
            LinkPair pair(error);
            pair.slave.delay = pair.master.delay = delay;
            pair.change(pair.master, "STORE key=old");
            pair.join();
            for (int i = 0; i < 10; ++i) {
                pair.disconnect();
                const std::string value = "new" + std::to_string(i);
                pair.change(pair.master, "STORE key=" + value);
                pair.join();
                CHECK(pair.slave.value("key") == value);
                CHECK(pair.master.value("key") == value);
            }
        }
    }
}

TEST_CASE("link: rejoining does not move times forward for ever") {
    for (const auto error : errors) {
        CAPTURE(error.count());
        LinkPair pair(error);
        pair.slave.delay = 20ms;
        pair.master.delay = 90ms;
        pair.change(pair.master, "STORE key=1");
        pair.change(pair.slave, "STORE slaves=1");
        for (int i = 0; i < 100; ++i) pair.join();
        pair.advance(1s);
        for (const std::string key : {"key", "slaves"}) {
            CAPTURE(key);
            CHECK(pair.master.cache.lock(key).find(key)->changed < pair.now(pair.master).wall);
            CHECK(pair.slave.cache.lock(key).find(key)->changed < pair.now(pair.slave).wall);
        }
        CHECK(pair.slave.content() == "key=1 slaves=1");
        CHECK(pair.master.content() == "key=1 slaves=1");
    }
}

TEST_CASE("link: each end knows the other's clock to a round trip") {
    for (const auto error : errors) {
        CAPTURE(error.count());
        LinkPair pair(error);
        pair.join();
        // 50 ms each way; what may be no difference counts as none.
        CHECK(abs(pair.slave.link->clock_offset() - error) <= 100ms);
        CHECK(abs(pair.master.link->clock_offset() + error) <= 100ms);
        if (error == 0s) CHECK(pair.slave.link->clock_offset() == 0s);
    }
}

TEST_CASE("link: how long it takes to send a store blurs nobody's idea of the other's clock") {
    for (const std::chrono::microseconds error : {10s, -10s}) {
        CAPTURE(error.count());
        LinkPair pair(error);
        pair.change(pair.master, "STORE key=old");
        pair.advance(3s);
        pair.change(pair.slave, "STORE key=new");
        pair.master.parts_at_once = 0;
        pair.connect();
        pair.settle();
        pair.advance(20s);
        while (pair.send_part(pair.master)) {
        }
        pair.settle();
        CHECK(abs(pair.master.link->clock_offset() + error) <= 100ms);
        CHECK(pair.slave.value("key") == "new");
        CHECK(pair.master.value("key") == "new");
    }
}

TEST_CASE("link: a slave's clock that is set right between two links") {
    LinkPair pair(2h);
    pair.change(pair.slave, "STORE key=old");
    pair.join();
    CHECK(pair.master.value("key") == "old");
    pair.disconnect();
    pair.slave.clock_error = 0s;
    pair.advance(1s);
    // Its own entry is two hours ahead of its own clock now; a write of its own is newer anyway.
    pair.change(pair.slave, "STORE key=new");
    pair.join();
    CHECK(pair.slave.value("key") == "new");
    CHECK(pair.master.value("key") == "new");
}
