#include "server/node/login_guard.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <string>

#include "tests/node/test_node.hpp"

using namespace std::chrono_literals;
using clacks::MonoTime;
using namespace clacks::node;

TEST_CASE("login guard: after five failures an address is refused unheard, for longer each time") {
    LoginGuard guard;
    const MonoTime start{};
    LoginGuard::Attempt attempt = 0;
    for (int i = 0; i < 4; ++i) guard.failed("192.0.2.1", ++attempt, start);
    CHECK(guard.wait("192.0.2.1", start) == 0ms);
    guard.failed("192.0.2.1", ++attempt, start);
    CHECK(guard.wait("192.0.2.1", start) == 500ms);
    CHECK(guard.wait("192.0.2.2", start) == 0ms);
    guard.failed("192.0.2.1", ++attempt, start);
    CHECK(guard.wait("192.0.2.1", start) == 1s);
    for (int i = 0; i < 100; ++i) guard.failed("192.0.2.1", ++attempt, start);
    CHECK(guard.wait("192.0.2.1", start) == 60s);
    CHECK(guard.wait("192.0.2.1", start + 60s) == 0ms);
}

TEST_CASE("login guard: of IPv6 all addresses of a /64 are one, of IPv4 each is") {
    struct Row {
        std::string address;
        std::string network;
    };
    for (const Row& row :
         {Row{"192.0.2.1", "192.0.2.1"}, Row{"::ffff:192.0.2.1", "192.0.2.1"},
          Row{"::1", "0:0:0:0:"}, Row{"::", "0:0:0:0:"}, Row{"2001:db8::1", "2001:db8:0:0:"},
          Row{"2001:db8:1:2:3:4:5:6", "2001:db8:1:2:"}, Row{"2001:db8:1:2::", "2001:db8:1:2:"},
          Row{"2001:db8::1:2:3:4:5", "2001:db8:0:1:"}, Row{"2001::1:2:3:4:5:6", "2001:0:1:2:"}}) {
        CAPTURE(row.address);
        CHECK(LoginGuard::network_of(row.address) == row.network);
    }
    LoginGuard guard;
    for (unsigned i = 1; i <= 5; ++i) {
        guard.failed("2001:db8::" + std::to_string(i), i, MonoTime{});
    }
    CHECK(guard.wait("2001:db8::ffff", MonoTime{}) == 500ms);
    CHECK(guard.wait("2001:db8:0:1::1", MonoTime{}) == 0ms);
}

TEST_CASE("login guard: who is refused unheard is told when to come again, not that it was wrong") {
    TestNode node;
    for (int i = 0; i < 5; ++i) node.connect().says(node.login("reader", "wrong"));
    TestPeer& innocent = node.connect().forget();
    CHECK(innocent.asks(node.login("reader", "r")) ==
          "OVERHEAD E login_delayed seconds=1 (too many failed logins from this address) | (empty "
          "line) | QUIT");
    CHECK(innocent.closed == CloseReason::login_delayed);
    CHECK(node.log.count("login_delayed client=" + innocent.id + " seconds=1") == 1);
    node.advance(500ms);
    CHECK_FALSE(node.client("reader").closed);
}

TEST_CASE("login guard: it does not remember more addresses than it may") {
    LoginGuard guard;
    for (std::size_t i = 0; i < 2 * LoginGuard::most_addresses; ++i) {
        guard.failed(std::to_string(i), 1, MonoTime{});
    }
    guard.failed("again", 1, MonoTime{});
    CHECK(guard.wait("again", MonoTime{}) == 0ms);
}

TEST_CASE("login guard: the same wrong login again is no guess, unless it comes within a second") {
    LoginGuard guard;
    MonoTime now{};
    const auto slave = guard.attempt("slave:old password");
    for (int i = 0; i < 100; ++i) {
        guard.failed("192.0.2.1", slave, now);
        now += 1s;
    }
    CHECK(guard.wait("192.0.2.1", now) == 0ms);
    for (int i = 0; i < 3; ++i) guard.failed("192.0.2.1", guard.attempt(std::to_string(i)), now);
    CHECK(guard.wait("192.0.2.1", now) == 0ms);
    guard.failed("192.0.2.1", slave, now);
    guard.failed("192.0.2.1", slave, now + 999ms);
    CHECK(guard.wait("192.0.2.1", now + 999ms) == 500ms);
}

TEST_CASE("login guard: it knows the last four wrong logins of an address") {
    LoginGuard guard;
    MonoTime now{};
    const auto fail_all = [&](LoginGuard::Attempt many) {
        for (LoginGuard::Attempt each = 1; each <= many; ++each) {
            guard.failed("192.0.2.1", each, now += 2s);
        }
    };
    for (int i = 0; i < 50; ++i) fail_all(4);
    CHECK(guard.wait("192.0.2.1", now) == 0ms);
    fail_all(5);  // now each pushes out the one that comes next
    fail_all(5);
    CHECK(guard.wait("192.0.2.1", now) > 0ms);
}

TEST_CASE("login guard: what was tried at one address is a guess at another") {
    LoginGuard guard;
    MonoTime now{};
    for (int i = 0; i < 5; ++i) {
        const auto attempt = guard.attempt(std::to_string(i));
        guard.failed("192.0.2.1", attempt, now);
        guard.failed("192.0.2.2", attempt, now += 2s);
    }
    CHECK(guard.wait("192.0.2.2", now) == 500ms);
}

TEST_CASE("login guard: two guards know nothing of each other's attempts") {
    const LoginGuard one;
    const LoginGuard other;
    CHECK(one.attempt("a:b") == one.attempt("a:b"));
    CHECK(one.attempt("a:b") != one.attempt("a:c"));
    CHECK(one.attempt("a:b") != other.attempt("a:b"));
}

TEST_CASE("login guard: a slave with a wrong password keeps nobody at its address out") {
    TestNode node;
    for (int i = 0; i < 50; ++i) {
        TestPeer& slave = node.connect().forget();
        slave.says("OVERHEAD I 1");
        CHECK(slave.asks(node.login("exampleuser", "old")) == "OVERHEAD F Login failed!");
        node.advance(2s);
    }
    CHECK_FALSE(node.client("reader").closed);
}
