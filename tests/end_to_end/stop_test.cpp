#include <doctest/doctest.h>

#include <csignal>
#include <string>

#include "tests/processes/node_process.hpp"

using namespace clacks::test;

TEST_CASE("stop: everybody gets an empty line and QUIT, and the node exits 0") {
    for (const int signal : {SIGTERM, SIGINT}) {
        NodeProcess node;
        auto plain = node.log_in(Way::unix_socket);
        auto over_tls = node.log_in(Way::tls_1_2);
        auto stranger = node.connect(Way::tls_1_3);
        plain.send("STORE half");
        stranger.lines(2);
        node.signal(signal);
        CHECK(plain.lines_until_closed() == "\nQUIT\n");
        CHECK(over_tls.lines_until_closed() == "\nQUIT\n");
        CHECK(stranger.lines_until_closed() == "\nQUIT\n");
        CHECK_THROWS(node.connect());
        CHECK(node.wait() == 0);
        node.wait_for("info stopped");
    }
}

TEST_CASE("stop: what is queued is delivered first, whole") {
    NodeProcess node;
    auto publisher = node.log_in();
    auto listener = node.log_in(Way::tls_1_3);
    listener.ask("LISTEN a");
    std::string expected;
    const std::string signal = "SET a=" + std::string(50'000, 'x') + "\r\n";
    for (int i = 0; i < 100; ++i) {
        publisher.send(signal);
        expected += signal;
    }
    CHECK(publisher.flush() == "");
    node.signal(SIGTERM);
    CHECK(listener.difference_from(expected) == "");
    CHECK(listener.lines_until_closed() == "\nQUIT\n");
    CHECK(publisher.lines_until_closed() == "\nQUIT\n");
    CHECK(node.wait() == 0);
}

TEST_CASE("stop: who reads nothing does not hold up the end") {
    NodeProcess node;
    auto publisher = node.log_in();
    auto deaf = node.log_in();
    auto half_handshake = LineClient(Stream::to_tcp("127.0.0.1", node.port()));
    deaf.ask("LISTEN a");
    publisher.send("SET a=" + std::string(4U << 20U, 'x') + "\r\n");
    CHECK(publisher.flush() == "");
    CHECK(node.stop() == 0);
}

TEST_CASE("stop: a node may be told to stop as soon as it is ready") {
    for (int i = 0; i < 10; ++i) {
        NodeProcess node;
        CHECK(node.stop() == 0);
    }
}

TEST_CASE("stop: QUIT ends a connection, and nothing behind it is executed") {
    const NodeProcess node;
    for (const Way way : every_way) {
        CAPTURE(to_string(way));
        auto client = node.log_in(way);
        client.say("RETRIEVE a\nQUIT\nSTORE a=1");
        CHECK(client.lines_until_closed() == "NOTRETRIEVED a\n");
    }
    CHECK(node.log_in().ask("RETRIEVE a") == "NOTRETRIEVED a\n");
}

TEST_CASE("stop: a manager stops the node with OVERHEAD S") {
    NodeProcess node;
    auto manager = node.log_in();
    auto other = node.log_in(Way::tls_1_3);
    CHECK(manager.ask("OVERHEAD S 0x").starts_with("OVERHEAD E "));
    manager.say("OVERHEAD S 0");
    CHECK(manager.lines_until_closed() == "\nQUIT\n");
    CHECK(other.lines_until_closed() == "\nQUIT\n");
    CHECK(node.wait() == 0);
}
