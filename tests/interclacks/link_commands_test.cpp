#include <doctest/doctest.h>

#include "tests/interclacks/link_pair.hpp"

using namespace clacks;
using namespace clacks::interclacks;
using namespace std::chrono_literals;

namespace {

/// Two links in step, with nothing said yet.
struct JoinedLinks {
    LinkPair pair;

    JoinedLinks() {
        pair.join();
        pair.slave.heard();
        pair.master.heard();
    }
    /// `from` says the line; gives what the other link lets be executed.
    std::string executed_at_the_other(LinkEnd& from, std::string line) {
        pair.say(from, line + "\r\n");
        pair.settle();
        return (&from == &pair.slave ? pair.master : pair.slave).executed();
    }
};

}  // namespace

TEST_CASE("link: what a peer forwards is executed, at both ends") {
    const char* lines[] = {
        "NOTIFY n",
        "SET a=1",
        "SETANDSTORE a=1",
        "STORE a=1",
        "REMOVE a",
        "INCREMENT a",
        "CLEARCACHE",
        "DECREMENT a=2",
        "OVERHEAD GN Terry",
        "OVERHEAD M hello",
        "OVERHEAD E no",
        "OVERHEAD CG 1",
        "QUIT",
        "TIMEOUT",
        "FLUSH x",
    };
    for (const std::string line : lines) {
        CAPTURE(line);
        JoinedLinks joined;
        CHECK(joined.executed_at_the_other(joined.pair.slave, line) == line);
        CHECK(joined.executed_at_the_other(joined.pair.master, line) == line);
    }
}

TEST_CASE("link: a plain link is no listener, no monitor and no client that pings") {
    const char* lines[] = {
        "LISTEN a",
        "UNLISTEN a",
        "MONITOR",
        "UNMONITOR",
        "NOP",
        "NOPING",
        "PING",
        "CLACKS x",
        "KEYSYNC 1 1 U a=1",
        "OVERHEAD I 1",
        "OVERHEAD I 0",
        "OVERHEAD O Welcome!",
        "OVERHEAD T 1600000000",
        "OVERHEAD L 1",
        "OVERHEAD L 0",
    };
    for (const std::string line : lines) {
        CAPTURE(line);
        JoinedLinks joined;
        CHECK(joined.executed_at_the_other(joined.pair.slave, line) == "");
        CHECK(joined.executed_at_the_other(joined.pair.master, line) == "");
        CHECK(joined.pair.slave.link->synced());
        CHECK(joined.pair.master.link->synced());
    }
}

TEST_CASE("link: a forwarded OVERHEAD is no word about this link, whatever letters it holds") {
    // Any client with write permission can have these sent.
    for (const std::string line : {"OVERHEAD FG Login failed!", "OVERHEAD GO Welcome!"}) {
        CAPTURE(line);
        JoinedLinks joined;
        CHECK(joined.executed_at_the_other(joined.pair.slave, line) == line);
        CHECK(joined.executed_at_the_other(joined.pair.master, line) == line);
        CHECK_FALSE(joined.pair.slave.ended_by);
        CHECK_FALSE(joined.pair.master.ended_by);
    }
}

TEST_CASE("link: a login inside a link that is in step is not looked at") {
    JoinedLinks joined;
    CHECK(joined.executed_at_the_other(joined.pair.master, "OVERHEAD A bm9ib2R5:eA==") == "");
    CHECK(joined.executed_at_the_other(joined.pair.slave, "OVERHEAD A bm9ib2R5:eA==") == "");
    CHECK(joined.pair.slave.link->takes_signals());
    CHECK(joined.pair.master.link->takes_signals());
    CHECK(joined.pair.master.heard() == "OVERHEAD A bm9ib2R5:eA==");
}

TEST_CASE("link: the peer that learns it is not known refuses, at either end") {
    JoinedLinks joined;
    joined.executed_at_the_other(joined.pair.slave, "OVERHEAD F Login failed!");
    CHECK(joined.pair.master.ended_by == Link::Next::login_refused);
}

TEST_CASE("link: an entry and its KEYSYNC line") {
    using cache::EntryView;
    const WallTime changed(1'700'000'000s + 1us);
    std::string line;
    const Link link(Link::Role::uplink, 1, {}, {});
    Link::format_keysync({.key = "a", .value = "x=y", .changed = changed, .accessed = changed + 1s},
                         changed, 0us, line);
    CHECK(line == "KEYSYNC 1700000000.000001 1700000001.000001 U a=x=y\r\n");
    line.clear();
    Link::format_keysync(
        {.key = "a", .changed = changed, .accessed = changed + 1s, .deleted = true}, changed, 0us,
        line);
    CHECK(line == "KEYSYNC 1700000000.000001 0 D a=REMOVED\r\n");
}

TEST_CASE("link: a KEYSYNC line as an entry; every mode but D is an update") {
    JoinedLinks joined;
    const Link& link = *joined.pair.master.link;
    const auto entry = [&](std::string_view line) {
        return link.on_our_clock(protocol::parse(line).value());
    };
    for (const std::string line :
         {"KEYSYNC 5 7.5 U a=1", "KEYSYNC 5 7.5 S a=1", "KEYSYNC 5 7.5 DD a=1"}) {
        CAPTURE(line);
        CHECK(entry(line).key == "a");
        CHECK(entry(line).value == "1");
        CHECK_FALSE(entry(line).deleted);
        CHECK(entry(line).changed == WallTime(5s));
        CHECK(entry(line).accessed == WallTime(7500ms));
        CHECK(entry(line).origin == link.origin());
    }
    const auto removed = entry("KEYSYNC 5 0 D a=REMOVED");
    CHECK(removed.deleted);
    CHECK(removed.value == "");
    CHECK(removed.accessed == WallTime(5s));
}
