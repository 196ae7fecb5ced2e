// What the tree hears of changes by who is no peer. The store itself is not changed here: that is
// the business of whoever reports.
#include "server/node/outside.hpp"

#include <doctest/doctest.h>

#include "tests/node/test_node.hpp"

using namespace clacks::node;
using clacks::protocol::Command;
using clacks::protocol::Verb;

namespace {

constexpr Command store{.verb = Verb::store, .name = "a", .value = "x"};
constexpr Command set{.verb = Verb::set, .name = "a", .value = "x"};

}  // namespace

TEST_CASE("outside: plain links hear of changes, without what they do not know") {
    struct Row {
        Command command;
        const char* heard;
    };
    for (const Row& row :
         {Row{store, "STORE a=x"},
          Row{{.verb = Verb::store_for, .name = "a", .value = "x", .mode = "60"}, "STORE a=x"},
          Row{{.verb = Verb::remove, .name = "a"}, "REMOVE a"},
          Row{{.verb = Verb::increment, .name = "a", .value = "5"}, "INCREMENT a=5"},
          Row{{.verb = Verb::expire, .name = "a", .value = "60"}, ""}}) {
        CAPTURE(std::string(row.heard));
        TestNode node;
        TestPeer& slave = node.slave();
        node.changes({.client = "memcached", .command = row.command});
        CHECK(slave.hears() == row.heard);
    }
}

TEST_CASE("outside: monitors see commands of a client") {
    TestNode node;
    TestPeer& all = node.client("manager");
    TestPeer& some = node.client("manager");
    all.asks("MONITOR");
    some.asks("MONITOR command=REMOVE client=memcached");
    all.forget();
    node.changes({.client = "memcached",
                  .command = {.verb = Verb::store_for, .name = "a", .value = "x", .mode = "60"}});
    CHECK(all.hears() == "DEBUG memcached=STOREFOR 60 a=x");
    CHECK(some.hears() == "");
    node.changes({.client = "memcached", .command = {.verb = Verb::remove, .name = "a"}});
    CHECK(all.hears() == "DEBUG memcached=REMOVE a");
    CHECK(some.hears() == "DEBUG memcached=REMOVE a");
}

TEST_CASE("outside: a signal goes to who listens here, and to all links behind the change") {
    TestNode node;
    TestPeer& listener = node.client();
    TestPeer& other = node.client();
    listener.says("LISTEN a");
    other.says("LISTEN b");
    TestPeer& slave = node.slave();
    node.changes({.client = "memcached", .command = store, .signal = set});
    CHECK(listener.hears() == "SET a=x");
    CHECK(other.hears() == "");
    CHECK(slave.hears() == "STORE a=x | SET a=x");
    node.changes({.client = "memcached", .command = store});
    CHECK(listener.hears() == "");
}

TEST_CASE("outside: what is removed is a signal without a value") {
    TestNode node;
    TestPeer& listener = node.client();
    listener.says("LISTEN a");
    const Command notify{.verb = Verb::notify, .name = "a"};
    node.changes(
        {.client = "memcached", .command = {.verb = Verb::remove, .name = "a"}, .signal = notify});
    CHECK(listener.hears() == "NOTIFY a");
}

TEST_CASE("outside: everything is removed as by CLEARCACHE") {
    TestNode node;
    TestPeer& client = node.client();
    client.says("STORE a=x");
    TestPeer& slave = node.slave();
    slave.forget();
    node.clears("memcached");
    CHECK(client.asks("RETRIEVE a") == "NOTRETRIEVED a");
    CHECK(slave.hears() == "CLEARCACHE");
    CHECK(node.log.text().find("cache_cleared client=memcached") != std::string::npos);
}

TEST_CASE("outside: who clears the store again and again is in the log once a minute") {
    TestNode node;
    const auto logged = [&](const char* event) { return node.log.count(event); };
    for (int i = 0; i < 1000; ++i) node.clears("memcached");
    node.reports();
    CHECK(logged("cache_cleared") == 1);
    CHECK(logged("repeated") == 0);
    node.advance(std::chrono::minutes(1));
    node.reports();
    node.reports();
    CHECK(logged("repeated") == 1);
    CHECK(logged("repeated client=memcached event=cache_cleared count=1000") == 1);
    node.clears("memcached");
    CHECK(logged("cache_cleared") == 2);
    node.advance(std::chrono::minutes(1));
    node.clears("memcached");
    CHECK(logged("cache_cleared") == 3);
    CHECK(logged("repeated") == 1);
}
