#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <string>

#include "tests/end_to_end/tree.hpp"

using namespace clacks::test;

namespace {

/// The client id of the newest connection in an answer to CLIENTLIST.
std::string newest_id(const std::string& list) {
    const auto start = list.rfind("CLIENT CID=") + std::string_view("CLIENT CID=").size();
    return list.substr(start, list.find(';', start) - start);
}

}  // namespace

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

TEST_CASE("stop: OVERHEAD GS stops the whole tree, told first, and after its delay") {
    Tree tree;
    auto manager = tree.leaf.log_in();
    auto at_master = tree.master.log_in(Way::tls_1_3);
    const auto asked = std::chrono::steady_clock::now();
    manager.say("OVERHEAD GS 1");
    CHECK(at_master.line() == "OVERHEAD GS 1");
    CHECK(at_master.ask("STORE a=1\nRETRIEVE a") == "RETRIEVED a=1\n");  // they serve on
    CHECK(manager.lines_until_closed() == "\nQUIT\n");
    CHECK(std::chrono::steady_clock::now() - asked >= std::chrono::seconds(1));
    CHECK(at_master.lines_until_closed() == "\nQUIT\n");
    for (NodeProcess* node : {&tree.leaf, &tree.slave, &tree.master}) CHECK(node->wait() == 0);
}

TEST_CASE("stop: QUIT never stands within a line, however much is waiting") {
    const NodeProcess node;
    auto manager = node.log_in();
    for (const Way way : every_way) {
        CAPTURE(to_string(way));
        auto slow = node.log_in(way);
        slow.ask("LISTEN a");
        const std::string id = newest_id(manager.ask("CLIENTLIST"));
        const std::string signal = "SET a=" + std::string(8U << 20U, 'x') + "\r\n";
        manager.send(signal);
        manager.ask("CLIENTDISCONNECT " + id);
        CHECK(slow.difference_from(signal) == "");
        CHECK(slow.lines_until_closed() == "\nQUIT\n");
    }
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
