#include <doctest/doctest.h>

#include <string>

#include "tests/node/test_node.hpp"

using namespace clacks::node;
using namespace std::chrono_literals;

namespace {

const std::string greeting = "CLACKS clacksd 1 | OVERHEAD M Authentication required";

}  // namespace

TEST_CASE("login: the node greets at once, and welcomes who logs in") {
    TestNode node;
    TestPeer& peer = node.connect();
    CHECK(peer.hears() == greeting);
    CHECK(peer.asks("CLACKS me") == "");
    CHECK(peer.asks(node.login("reader", "r")) == "OVERHEAD O Welcome!");
    CHECK(node.log.count("login client=" + peer.id + " user=reader") == 1);
}

TEST_CASE("login: everything but CLACKS and the login is ignored before it, silently") {
    TestNode node;
    TestPeer& watcher = node.client();
    watcher.says("MONITOR");
    watcher.says("LISTEN a");
    TestPeer& peer = node.connect().forget();
    watcher.forget();
    const std::string lines[] = {
        "CLACKS me",         "SET a=1",      "STORE a=1",    "RETRIEVE a",     "KEYLIST",
        "CLEARCACHE",        "MONITOR",      "LISTEN a",     "PING",           "FLUSH x",
        "OVERHEAD I 1",      "OVERHEAD C 1", "OVERHEAD S 1", "OVERHEAD GNU x", "OVERHEAD E x",
        "KEYSYNC 1 1 U a=1", "BADCMD",       "STORE nothing"};
    for (const auto& line : lines) {
        CAPTURE(line);
        CHECK(peer.asks(line) == "");
        CHECK(watcher.hears() == "");
    }
    CHECK_FALSE(peer.closed);
    CHECK_FALSE(node.shut_down_after);
    CHECK(node.node.cache().size() == 0);
}

TEST_CASE("login: a failed one ends the connection, whatever is queued behind it") {
    const std::string right = "OVERHEAD A ZXhhbXBsZXVzZXI=:dW5zYWZlcGFzc3dvcmQ=\n";
    for (const std::string wrong : {"ZXhhbXBsZXVzZXI=:d3Jvbmc=", "bm9ib2R5:eA==", "", ":", "x",
                                    "ZXhhbXBsZXVzZXI=", "ZXhhbXBsZXVzZXI6dW5zYWZlcGFzc3dvcmQ="}) {
        CAPTURE(wrong);
        TestNode node;
        TestPeer& peer = node.connect().forget();
        peer.says_bytes("CLACKS x\nOVERHEAD A " + wrong + "\n" + right + "STORE a=1\n");
        CHECK(peer.hears() == "OVERHEAD F Login failed!");
        CHECK(peer.closed == CloseReason::login_failed);
        peer.says_bytes(right + "STORE a=1\n");
        CHECK(peer.hears() == "");
        CHECK(node.node.cache().size() == 0);
    }
}

TEST_CASE("login: an address that guesses is refused unheard until it has waited") {
    TestNode node;
    const auto log_in = [&](const std::string& password) {
        TestPeer& peer = node.connect().forget();
        peer.says("CLACKS x");
        return peer.asks(node.login("exampleuser", password));
    };
    const std::string delayed = "OVERHEAD E login_delayed seconds=1 ";
    for (int i = 0; i < 5; ++i) {
        CHECK(log_in("guess" + std::to_string(i)) == "OVERHEAD F Login failed!");
    }
    CHECK(log_in("unsafepassword").starts_with(delayed));
    node.advance(499ms);
    CHECK(log_in("unsafepassword").starts_with(delayed));
    node.advance(1ms);
    CHECK(log_in("guess5") == "OVERHEAD F Login failed!");
    node.advance(999ms);  // longer, this time
    CHECK(log_in("unsafepassword").starts_with(delayed));
    node.advance(1ms);
    CHECK(log_in("unsafepassword") == "OVERHEAD O Welcome!");
    CHECK(node.log.text().find("login_delayed client=") != std::string::npos);
}

TEST_CASE("login: neither names nor passwords that were tried are logged") {
    TestNode node;
    TestPeer& peer = node.connect();
    peer.says("CLACKS x");
    peer.says(node.login("hunter2", "hunter3"));
    CHECK(node.log.count("login_failed client=" + peer.id + " user= what=wrong user") == 1);
    CHECK(node.log.text().find("hunter") == std::string::npos);
    TestPeer& forgetful = node.connect();
    forgetful.says(node.login("hunter2", "hunter3").substr(11));
    CHECK(forgetful.closed == CloseReason::not_clacks);
    TestPeer& again = node.client();
    again.says(node.login("hunter2", "hunter3").substr(11));
    CHECK(node.log.count("debug unknown_command client=" + again.id) == 1);
    CHECK(node.log.text().find("aHVudGVy") == std::string::npos);  // Base64 of "hunter"
}

TEST_CASE("login: of which user a wrong password is stands in the log") {
    TestNode node;
    TestPeer& peer = node.connect();
    peer.says(node.login("reader", "hunter3"));
    const std::string who = " client=" + peer.id + " user=reader what=wrong user or password";
    CHECK(node.log.count("login_failed" + who) == 1);
    for (int i = 0; i < 4; ++i) node.connect().says(node.login("writer", std::to_string(i)));
    node.connect().says(node.login("writer", "w"));
    CHECK(node.log.text().find(" seconds=1 user=writer why=too many") != std::string::npos);
}

TEST_CASE("login: a first line that is none of the protocol's is answered at once") {
    for (const std::string line : {"GET / HTTP/1.1", "SSH-2.0-OpenSSH_9.2", "hello", "\x16\x03\x01",
                                   "clacks x", " CLACKS x"}) {
        CAPTURE(line);
        TestNode node;
        TestPeer& peer = node.connect().forget();
        CHECK(peer.asks(line) == "OVERHEAD E not_clacks expected CLACKS <name> as the first line");
        CHECK(peer.closed == CloseReason::not_clacks);
        CHECK(node.log.count("not_clacks client=" + peer.id) == 1);
    }
}

TEST_CASE("login: a second one replaces the first, a failed second one ends the connection") {
    TestNode node;
    TestPeer& peer = node.client("reader");
    CHECK(peer.asks("STORE a=1") == "OVERHEAD E permission_denied");
    CHECK(peer.asks(node.login("writer", "w")) == "OVERHEAD O Welcome!");
    CHECK(peer.asks("STORE a=1") == "");
    CHECK(peer.asks("RETRIEVE a") == "OVERHEAD E permission_denied");
    CHECK(peer.asks(node.login("writer", "x")) == "OVERHEAD F Login failed!");
    CHECK(peer.closed == CloseReason::login_failed);
}

TEST_CASE("login: who has not logged in in time is told TIMEOUT") {
    Settings settings = TestNode::default_settings();
    settings.timeouts.authentication = 7s;
    TestNode node(settings);
    TestPeer& silent = node.connect().forget();
    TestPeer& talking = node.connect().forget();
    for (int i = 0; i < 6; ++i) {
        node.advance(1s);
        talking.says("CLACKS still here");
        talking.says("PING");
    }
    CHECK_FALSE(silent.closed);
    node.advance(999ms);
    CHECK_FALSE(silent.closed);
    node.advance(1ms);
    CHECK(silent.closed == CloseReason::login_timeout);
    CHECK(talking.closed == CloseReason::login_timeout);
    CHECK(silent.hears() == "(empty line) | TIMEOUT");
    CHECK(talking.hears() == "(empty line) | TIMEOUT");
}

TEST_CASE("login: a thousand lines before it are a flood") {
    TestNode node;
    TestPeer& peer = node.connect().forget();
    for (int i = 0; i < 1000; ++i) peer.says("CLACKS x");
    CHECK_FALSE(peer.closed);
    CHECK(peer.asks("CLACKS x") == "OVERHEAD E flood too much input before the login");
    CHECK(peer.closed == CloseReason::flood);
}

TEST_CASE("login: a stranger cannot make the node hold more than a small first line") {
    TestNode node;
    TestPeer& peer = node.connect().forget();
    peer.says("CLACKS " + std::string(8192 - 7, 'x'));
    CHECK_FALSE(peer.closed);
    peer.says_bytes("CLACKS " + std::string(8193 - 7, 'x'));
    CHECK(peer.hears() == "OVERHEAD E flood too much input before the login");
    CHECK(peer.closed == CloseReason::flood);
}

TEST_CASE("login: a limit on lines that is smaller holds before it too") {
    Settings settings = TestNode::default_settings();
    settings.limits.line_bytes = 100;
    TestNode node(settings);
    TestPeer& peer = node.connect().forget();
    peer.says_bytes(std::string(101, 'x'));
    CHECK(peer.closed == CloseReason::flood);
}
