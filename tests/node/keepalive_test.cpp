#include <doctest/doctest.h>

#include "tests/node/test_node.hpp"

using namespace clacks::node;
using namespace std::chrono_literals;

TEST_CASE("keepalive: a client that sends no PING for the timeout is told TIMEOUT") {
    TestNode node;
    TestPeer& client = node.client();
    node.advance(179'999ms);
    CHECK_FALSE(client.closed);
    client.forget();
    node.advance(1ms);
    CHECK(client.closed == CloseReason::ping_timeout);
    CHECK(client.hears().ends_with("(empty line) | TIMEOUT"));
}

TEST_CASE("keepalive: only PING counts, other traffic does not") {
    TestNode node;
    TestPeer& talking = node.client();
    TestPeer& pinging = node.client();
    for (int i = 0; i < 18; ++i) {
        node.advance(10s);
        talking.says("FLUSH x");
        pinging.says("PING");
    }
    CHECK(talking.closed == CloseReason::ping_timeout);
    CHECK_FALSE(pinging.closed);
}

TEST_CASE("keepalive: a PING every 120 seconds is enough for ever") {
    TestNode node;
    TestPeer& client = node.client();
    for (int i = 0; i < 100; ++i) {
        node.advance(120s);
        client.says("PING");
    }
    CHECK_FALSE(client.closed);
}

TEST_CASE("keepalive: NOPING suspends the check until the next PING") {
    TestNode node;
    TestPeer& client = node.client();
    client.says("NOPING");
    node.advance(24h);
    CHECK_FALSE(client.closed);
    client.says("PING");
    node.advance(179s);
    CHECK_FALSE(client.closed);
    node.advance(1s);
    CHECK(client.closed == CloseReason::ping_timeout);
}

TEST_CASE("keepalive: NOP after 60 seconds in which nothing was sent") {
    TestNode node;
    TestPeer& client = node.client();
    client.says("NOPING");
    node.advance(59'999ms);
    CHECK(client.hears() == "");
    node.advance(1ms);
    CHECK(client.hears() == "NOP");
    node.advance(180s);
    CHECK(client.hears() == "NOP | NOP | NOP");
    // Output of any kind puts it off.
    node.advance(30s);
    CHECK(client.asks("FLUSH x") == "FLUSHED x");
    node.advance(59s);
    CHECK(client.hears() == "");
    node.advance(1s);
    CHECK(client.hears() == "NOP");
}

TEST_CASE("keepalive: a client may say NOP and TIMEOUT too") {
    TestNode node;
    TestPeer& client = node.client();
    CHECK(client.asks("NOP") == "");
    CHECK_FALSE(client.closed);
    CHECK(client.asks("TIMEOUT") == "");
    CHECK(client.closed == CloseReason::peer_timed_out);
}

TEST_CASE("keepalive: QUIT ends a connection, and what stands behind it is not executed") {
    TestNode node;
    TestPeer& client = node.client();
    client.says_bytes("STORE a=1\nQUIT\nSTORE a=2\nFLUSH x\n");
    CHECK(client.hears() == "");
    CHECK(client.closed == CloseReason::quit);
    CHECK(node.client().asks("RETRIEVE a") == "RETRIEVED a=1");
}

TEST_CASE("keepalive: links ping each other and get no NOP") {
    TestNode node;
    TestPeer& slave = node.slave();
    TestPeer& master = node.master();
    for (int i = 0; i < 24; ++i) {
        node.advance(5s);
        CHECK(slave.hears() == "PING");
        CHECK(master.hears() == "PING");
        slave.says("PING");
        master.says("PING");
    }
    // That it pings them does not keep them alive.
    node.advance(59s);
    CHECK_FALSE(slave.closed);
    CHECK_FALSE(master.closed);
    node.advance(1s);
    CHECK(slave.closed == CloseReason::ping_timeout);
    CHECK(master.closed == CloseReason::ping_timeout);
    CHECK(slave.hears().ends_with("| (empty line) | TIMEOUT"));
}

TEST_CASE("keepalive: a master that does not prove who it is has as long as a client") {
    TestNode node;
    TestPeer& master = node.connect_to_master().forget();
    master.says("CLACKS Master 1");
    node.advance(14'999ms);
    CHECK_FALSE(master.closed);
    node.advance(1ms);
    CHECK(master.closed == CloseReason::login_timeout);
}

TEST_CASE("keepalive: a deadline that has not come is not acted on") {
    TestNode node;
    TestPeer& client = node.client();
    CHECK(node.node.deadline(client) == node.now.mono + 60s);
    client.says("NOPING");
    CHECK(node.node.deadline(client) == node.now.mono + 60s);
    client.says("QUIT");
    CHECK(node.node.deadline(client) == clacks::MonoTime::max());
}
