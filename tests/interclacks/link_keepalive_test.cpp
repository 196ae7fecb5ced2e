#include <doctest/doctest.h>

#include <stdexcept>

#include "tests/interclacks/link_pair.hpp"

using namespace clacks;
using namespace clacks::interclacks;
using namespace std::chrono_literals;

namespace {

struct KeptAlive {
    LinkPair pair;

    explicit KeptAlive(std::chrono::milliseconds timeout = 60s) {
        pair.ping_timeout = timeout;
        pair.join();
        pair.slave.heard();
        pair.master.heard();
    }
    /// How long until on_deadline() of this end wants to be called.
    auto due_in(const LinkEnd& end) { return end.link->deadline() - pair.now(end).mono; }
    bool alive(LinkEnd& end) {
        std::string lines;
        return end.link->on_deadline(pair.now(end), lines);
    }
};

}  // namespace

TEST_CASE("link: a PING every third of the timeout, and at least every 5 seconds") {
    struct Row {
        std::chrono::milliseconds timeout;
        std::chrono::milliseconds interval;
    };
    for (const Row& row : {Row{60s, 5s}, Row{9s, 3s}, Row{15s, 5s}, Row{300ms, 100ms}}) {
        CAPTURE(row.timeout.count());
        KeptAlive joined(row.timeout);
        auto& pair = joined.pair;
        // Both have sent one with their store; the slave's was the last line of all.
        pair.advance(row.interval - pair.slave.delay - 1ms);
        pair.on_deadline(pair.slave);
        pair.settle();
        CHECK(pair.master.heard() == "");
        pair.advance(1ms);
        pair.on_deadline(pair.slave);
        CHECK(joined.due_in(pair.slave) == row.interval);
        pair.settle();
        CHECK(pair.master.heard() == "PING");
    }
}

TEST_CASE("link: a peer that says no PING and no KEYSYNC for the timeout is dead") {
    KeptAlive joined;
    for (LinkEnd* end : {&joined.pair.slave, &joined.pair.master}) {
        joined.pair.join();
        const auto heard = joined.pair.now(*end).mono;
        joined.pair.advance(59s);
        CHECK(joined.alive(*end));
        CHECK(end->link->deadline() <= heard + 60s);
        joined.pair.advance(1s);
        CHECK_FALSE(joined.alive(*end));
    }
}

TEST_CASE("link: PING and KEYSYNC keep a link alive, other lines do not") {
    struct Row {
        std::string line;
        bool counts;
    };
    const Row rows[] = {
        {"PING\r\n", true},
        {"KEYSYNC 1 1 U a=1\r\n", true},
        {"KEYSYNC 1 0 D a=REMOVED\r\n", true},
        {"NOP\r\n", false},
        {"NOPING\r\n", false},
        {"SET a=1\r\n", false},
        {"STORE a=1\r\n", false},
        {"OVERHEAD GN Terry Pratchett\r\n", false},
    };
    for (const Row& row : rows) {
        CAPTURE(row.line);
        KeptAlive joined;
        auto& pair = joined.pair;
        pair.advance(50s);
        pair.say(pair.slave, row.line);
        pair.say(pair.master, row.line);
        pair.advance(20s);
        CHECK(joined.alive(pair.slave) == row.counts);
        CHECK(joined.alive(pair.master) == row.counts);
    }
}

TEST_CASE("link: two links that only keep each other alive live for ever") {
    KeptAlive joined;
    auto& pair = joined.pair;
    for (int i = 0; i < 1000; ++i) {
        pair.advance(500ms);
        pair.on_deadline(pair.slave);
        pair.on_deadline(pair.master);
    }
    pair.settle();
    CHECK(joined.alive(pair.slave));
    CHECK(joined.alive(pair.master));
}

TEST_CASE("link: nothing is sent to a master that has not proved who it is, PING neither") {
    LinkPair pair;
    pair.master.played = true;
    pair.join();
    pair.master.heard();
    pair.advance(30s);
    pair.on_deadline(pair.slave);
    pair.settle();
    CHECK(pair.master.heard() == "");
}

TEST_CASE("link: locking and unlocking count as life: a long store is being sent") {
    LinkPair pair;
    pair.master.played = true;
    pair.join();
    pair.say(pair.master, "CLACKS M\r\nOVERHEAD A dQ==:cA==\r\n");
    pair.settle();
    pair.advance(59s);
    pair.say(pair.master, "OVERHEAD L 1\r\n");
    pair.settle();
    pair.advance(59s);
    CHECK_NOTHROW(pair.on_deadline(pair.slave));
}

TEST_CASE("link: both ends ping while a store that takes long is on its way") {
    LinkPair pair;
    pair.master.parts_at_once = 0;
    pair.connect();
    pair.settle();
    CHECK_FALSE(pair.slave.link->synced());
    for (int i = 0; i < 40; ++i) {
        pair.advance(5s);
        pair.on_deadline(pair.slave);
        pair.on_deadline(pair.master);
    }
    while (pair.send_part(pair.master)) {
    }
    pair.settle();
    CHECK(pair.slave.link->synced());
    CHECK(pair.master.link->synced());
}
