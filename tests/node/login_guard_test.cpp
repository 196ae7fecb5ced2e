#include "server/node/login_guard.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "tests/node/test_node.hpp"

using namespace std::chrono_literals;
using clacks::MonoTime;
using namespace clacks::node;

namespace {

LoginGuard::Attempt nth(std::uint64_t n) { return {.login = n}; }

}  // namespace

TEST_CASE("login guard: after five failures an address is refused unheard, for longer each time") {
    LoginGuard guard;
    const MonoTime start{};
    std::uint64_t attempt = 0;
    for (int i = 0; i < 4; ++i) guard.failed("192.0.2.1", nth(++attempt), start);
    CHECK(guard.wait("192.0.2.1", start) == 0ms);
    guard.failed("192.0.2.1", nth(++attempt), start);
    CHECK(guard.wait("192.0.2.1", start) == 500ms);
    CHECK(guard.wait("192.0.2.2", start) == 0ms);
    guard.failed("192.0.2.1", nth(++attempt), start);
    CHECK(guard.wait("192.0.2.1", start) == 1s);
    for (int i = 0; i < 100; ++i) guard.failed("192.0.2.1", nth(++attempt), start);
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
        guard.failed("2001:db8::" + std::to_string(i), nth(i), MonoTime{});
    }
    CHECK(guard.wait("2001:db8::ffff", MonoTime{}) == 500ms);
    CHECK(guard.wait("2001:db8:0:1::1", MonoTime{}) == 0ms);
}

TEST_CASE("login guard: who is refused unheard is told when to come again, not that it was wrong") {
    TestNode node;
    for (int i = 0; i < 5; ++i) {
        node.connect().says(node.login("reader", "guess" + std::to_string(i)));
    }
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
        guard.failed(std::to_string(i), nth(1), MonoTime{});
    }
    guard.failed("again", nth(1), MonoTime{});
    CHECK(guard.wait("again", MonoTime{}) == 0ms);
}

TEST_CASE("login guard: the same wrong login again is no guess, however often it comes") {
    LoginGuard guard;
    const MonoTime now{};
    const auto old = guard.attempt("slave:old password");
    CHECK(guard.is_heard("192.0.2.1", old, now));
    guard.failed("192.0.2.1", old, now);
    CHECK(guard.knows("192.0.2.1", old, now));
    CHECK_FALSE(guard.is_heard("192.0.2.1", old, now));
    for (int i = 0; i < 100; ++i) guard.failed("192.0.2.1", old, now);
    for (int i = 0; i < 3; ++i) guard.failed("192.0.2.1", guard.attempt(std::to_string(i)), now);
    CHECK(guard.wait("192.0.2.1", now) == 0ms);
    guard.failed("192.0.2.1", guard.attempt("the fifth"), now);
    CHECK(guard.wait("192.0.2.1", now) == 500ms);
}

TEST_CASE("login guard: when the users are others a wrong login may be right") {
    LoginGuard guard;
    MonoTime now{};
    const auto before = guard.attempt("a:b");
    guard.failed("192.0.2.1", before, now);
    guard.logins_changed();
    CHECK_FALSE(guard.knows("192.0.2.1", guard.attempt("a:b"), now));
    // One that was found wrong by the old users, and was not told in time, says nothing either.
    guard.failed("192.0.2.1", before, now);
    CHECK_FALSE(guard.knows("192.0.2.1", guard.attempt("a:b"), now));
    // It is verified again, and no guess all the same: users may change as often as they like.
    for (int i = 0; i < 20; ++i) {
        guard.failed("192.0.2.1", guard.attempt("a:b"), now += 1s);
        CHECK(guard.knows("192.0.2.1", guard.attempt("a:b"), now));
        guard.logins_changed();
    }
    CHECK(guard.wait("192.0.2.1", now) == 0ms);
}

TEST_CASE("login guard: what is known to be wrong is verified again after ten minutes") {
    LoginGuard guard;
    MonoTime now{};
    for (int i = 0; i < 20; ++i) {
        guard.failed("192.0.2.1", nth(1), now);
        CHECK(guard.knows("192.0.2.1", nth(1), now));
        CHECK(guard.knows("192.0.2.1", nth(1), now += 10min));
        CHECK_FALSE(guard.knows("192.0.2.1", nth(1), now += 1ms));
        guard.failed("192.0.2.1", nth(2), now);
    }
    CHECK(guard.wait("192.0.2.1", now) == 0ms);
}

TEST_CASE("login guard: a login with a certificate is another one than without") {
    const LoginGuard guard;
    const auto with = [&](std::string_view certificate) {
        return guard.attempt("a:b", certificate).login;
    };
    CHECK(with("sensor-1") == with("sensor-1"));
    CHECK(with("sensor-1") != with("sensor-2"));
    CHECK(with("sensor-1") != with(""));
}

TEST_CASE("login guard: it knows the last 16 wrong logins of an address") {
    LoginGuard guard;
    MonoTime now{};
    for (unsigned each = 1; each <= 16; ++each) guard.failed("192.0.2.1", nth(each), now += 1s);
    for (unsigned each = 16; each >= 1; --each)
        CHECK(guard.knows("192.0.2.1", nth(each), now += 1s));
    guard.failed("192.0.2.1", nth(17), now += 1s);
    CHECK_FALSE(guard.knows("192.0.2.1", nth(16), now));  // has not been tried for longest
    CHECK(guard.knows("192.0.2.1", nth(1), now));
    CHECK(guard.knows("192.0.2.1", nth(17), now));
}

TEST_CASE("login guard: from unix sockets everything is heard") {
    LoginGuard guard;
    for (unsigned i = 1; i < 50; ++i) guard.failed(unix_host, nth(i), MonoTime{});
    CHECK(guard.is_heard(unix_host, nth(1), MonoTime{}));
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
    CHECK(one.attempt("a:b").login == one.attempt("a:b").login);
    CHECK(one.attempt("a:b").login != one.attempt("a:c").login);
    CHECK(one.attempt("a:b").login != other.attempt("a:b").login);
}

TEST_CASE("login guard: slaves with an old password keep nobody at their address out") {
    TestNode node;
    for (int i = 0; i < 50; ++i) {
        TestPeer& slave = node.connect().forget();
        CHECK(slave.asks(node.login("exampleuser", "old")) == "OVERHEAD F Login failed!");
        CHECK(slave.closed == CloseReason::login_failed);
        if (i % 10 == 0) node.advance(1s);
    }
    CHECK(node.log.count("login_failed") == 50);
    CHECK_FALSE(node.client("reader").closed);
}

TEST_CASE("login guard: a password that becomes right is right at once") {
    TestNode node;
    const auto log_in = [&] {
        TestPeer& peer = node.connect().forget();
        return peer.asks(node.login("reader", "new"));
    };
    for (int i = 0; i < 3; ++i) CHECK(log_in() == "OVERHEAD F Login failed!");
    Settings settings = TestNode::default_settings();
    settings.limits.key_bytes = 77;
    node.reload(settings);
    CHECK(log_in() == "OVERHEAD F Login failed!");
    for (User& user : settings.users) {
        if (user.name == "reader") user.password = "new";
    }
    node.reload(settings);
    CHECK(log_in() == "OVERHEAD O Welcome!");
}

TEST_CASE("login guard: while an address has to wait nobody learns what was tried there") {
    TestNode node;
    const auto log_in = [&](const std::string& password) {
        return node.connect().forget().asks(node.login("reader", password));
    };
    for (int i = 0; i < 5; ++i) log_in("guess" + std::to_string(i));
    CHECK(log_in("guess0").starts_with("OVERHEAD E login_delayed"));
    CHECK(log_in("guess9").starts_with("OVERHEAD E login_delayed"));
    node.advance(500ms);
    CHECK(log_in("guess0") == "OVERHEAD F Login failed!");
    CHECK(log_in("r") == "OVERHEAD O Welcome!");
}

TEST_CASE("login guard: what is wrong without a certificate may be right with one") {
    Settings settings = TestNode::default_settings();
    for (User& user : settings.users) {
        if (user.name == "reader") user.certificate = "sensor-1";
    }
    TestNode node(settings);
    CHECK(node.connect().forget().asks(node.login("reader", "")) == "OVERHEAD F Login failed!");
    TestPeer& known = node.connect().forget();
    known.certificate = "sensor-1";
    CHECK(known.asks(node.login("reader", "")) == "OVERHEAD O Welcome!");
}
