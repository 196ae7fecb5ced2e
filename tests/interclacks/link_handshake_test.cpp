#include <doctest/doctest.h>

#include <string>

#include "tests/interclacks/link_pair.hpp"

using namespace clacks;
using namespace clacks::interclacks;
using namespace std::chrono_literals;

namespace {

// u:p, as whom both ends of a LinkPair log in.
const std::string token = "dQ==:cA==";

/// A slave's link to a master that the test plays.
struct Slave {
    LinkPair pair;
    LinkEnd& end = pair.slave;

    Slave() {
        pair.master.played = true;
        pair.join();
        says();
    }
    void hears(std::string_view lines) {
        pair.say(pair.master, lines);
        pair.settle();
    }
    std::string says() { return pair.master.heard(); }
};

}  // namespace

TEST_CASE("link: a master meets a slave, line by line") {
    LinkPair pair;
    pair.change(pair.master, "STORE a=1");
    pair.advance(3s);
    pair.change(pair.slave, "STORE b=2");
    pair.advance(1s);
    pair.connect();
    pair.settle();
    CHECK(pair.master.heard() ==
          "CLACKS S 1 in interclacks client mode | OVERHEAD A " + token +
              " | OVERHEAD I 1 | OVERHEAD O Welcome! | OVERHEAD T 1700000004.100000 | "
              "OVERHEAD T 1700000004.100000 | "
              "KEYSYNC 1700000003.000000 1700000003.000000 U b=2 | PING");
    CHECK(pair.slave.heard() ==
          "CLACKS M 1 | OVERHEAD M Authentication required | OVERHEAD O Welcome! | "
          "CLACKS M 1 in interclacks master mode | OVERHEAD M Authentication required | "
          "OVERHEAD A " +
              token +
              " | OVERHEAD L 1 | OVERHEAD T 1700000004.050000 | "
              "KEYSYNC 1700000000.000000 1700000000.000000 U a=1 | OVERHEAD L 0 | PING");
    CHECK(pair.slave.content() == "a=1 b=2");
    CHECK(pair.master.content() == "a=1 b=2");
    for (LinkEnd* end : {&pair.slave, &pair.master}) {
        CHECK(end->link->synced());
        CHECK(end->link->takes_signals());
        for (unsigned shard = 0; shard < cache::Cache::shard_count; ++shard) {
            CHECK(end->link->carries(shard));
        }
    }
    CHECK(pair.slave.link->peer_software() == "M 1 in interclacks master mode");
    CHECK(pair.master.link->clock_offset() == 0us);
}

TEST_CASE("link: a Welcome that comes after the greeting of the link changes nothing") {
    LinkPair pair;
    pair.master.welcome_late = true;
    pair.change(pair.master, "STORE a=1");
    pair.change(pair.slave, "STORE b=2");
    pair.join();
    CHECK(pair.slave.heard().find("OVERHEAD T 1700000000.050000 | OVERHEAD O Welcome! | KEYSYNC") !=
          std::string::npos);
    CHECK(pair.slave.link->synced());
    CHECK(pair.slave.content() == "a=1 b=2");
    CHECK(pair.master.content() == "a=1 b=2");
}

TEST_CASE("link: lines may be cut anywhere on their way") {
    for (const std::size_t piece : {1U, 2U, 3U, 7U, 50U}) {
        CAPTURE(piece);
        LinkPair pair;
        pair.master.piece_bytes = pair.slave.piece_bytes = piece;
        pair.change(pair.master, "STORE a=Grüße ✓");
        pair.change(pair.slave, "STORE b=");
        pair.join();
        CHECK(pair.slave.content() == "a=Grüße ✓ b=");
        CHECK(pair.master.content() == "a=Grüße ✓ b=");
    }
}

TEST_CASE("link: who has an error forwarded refuses no handshake; the master itself does") {
    Link slave(Link::Role::uplink, 1, {}, {});
    const auto hears = [&](std::string_view line) {
        std::string answer;
        return slave.on(protocol::parse(line).value(), {}, answer);
    };
    CHECK(hears("CLACKS master") == Link::Next::nothing);
    CHECK(hears("OVERHEAD EG permission_denied") == Link::Next::nothing);
    CHECK(hears("OVERHEAD FG Login failed!") == Link::Next::nothing);
    CHECK(hears("OVERHEAD E permission_denied") == Link::Next::login_refused);
}

TEST_CASE("link: a slave whose password the master does not know is refused") {
    LinkPair pair;
    pair.slave.identity.password = "wrong";
    pair.change(pair.master, "STORE secret=1");
    pair.connect();
    pair.advance(100ms);
    CHECK(pair.slave.ended_by == Link::Next::login_refused);
    CHECK(pair.slave.heard() ==
          "CLACKS M 1 | OVERHEAD M Authentication required | OVERHEAD F Login failed!");
    CHECK(pair.slave.content() == "");
}

TEST_CASE("link: what keeps a slave out for now is told, before the greeting or behind it") {
    for (const std::string greeting : {"", "CLACKS master"}) {
        CAPTURE(greeting);
        Link slave(Link::Role::uplink, 1, {}, {});
        const auto hears = [&](std::string_view line) {
            std::string answer;
            return slave.on(protocol::parse(line).value(), {}, answer);
        };
        if (!greeting.empty()) CHECK(hears(greeting) == Link::Next::nothing);
        CHECK(hears("OVERHEAD E login_delayed seconds=1 (why)") == Link::Next::peer_error);
        CHECK(hears("OVERHEAD EN not for a log") != Link::Next::peer_error);
    }
}

TEST_CASE("link: a slave whose user may not open links there is refused") {
    Slave slave;
    slave.hears("CLACKS M\r\nOVERHEAD O Welcome!\r\nOVERHEAD E permission_denied\r\n");
    CHECK(slave.end.ended_by == Link::Next::login_refused);
}

TEST_CASE("link: a master that the slave does not know is told so and obeyed in nothing") {
    LinkPair pair;
    pair.change(pair.master, "STORE evil=1");
    pair.change(pair.slave, "STORE secret=1");
    pair.master.identity.password = "another";
    pair.join();
    CHECK(pair.master.ended_by == Link::Next::login_refused);
    CHECK(pair.slave.content() == "secret=1");
    CHECK(pair.master.content() == "evil=1");
    CHECK_FALSE(pair.slave.link->takes_signals());
    CHECK_FALSE(pair.slave.link->synced());
}

TEST_CASE("link: nothing is obeyed or answered before the master has proved who it is") {
    const std::string lines[] = {
        "OVERHEAD L 1\r\nOVERHEAD L 0\r\n",
        "OVERHEAD T 1600000000\r\n",
        "KEYSYNC 1800000000 1800000000 U a=evil\r\n",
        "KEYSYNC 1800000000 0 D mine=REMOVED\r\n",
        "STORE a=evil\r\n",
        "REMOVE mine\r\n",
        "SET a=evil\r\n",
        "CLEARCACHE\r\n",
        "OVERHEAD C 1\r\n",
        "OVERHEAD S 1\r\n",
        "OVERHEAD GNU evil\r\n",
        "RETRIEVE mine\r\n",
        "CLIENTLIST\r\n",
        "PING\r\n",
    };
    for (const auto& line : lines) {
        CAPTURE(line);
        Slave slave;
        slave.pair.change(slave.end, "STORE mine=1");
        slave.hears("CLACKS M\r\nOVERHEAD L 1\r\n" + line + "OVERHEAD L 0\r\n");
        CHECK(slave.end.content() == "mine=1");
        CHECK(slave.end.executed() == "");
        CHECK(slave.end.link->clock_offset() == 0us);
        CHECK_FALSE(slave.end.link->synced());
        CHECK_FALSE(slave.end.ended_by);
        CHECK(slave.says() == "");
    }
}

TEST_CASE("link: a first line that is not CLACKS ends a link to a master") {
    for (const std::string line :
         {"PING\r\n", "OVERHEAD M Authentication required\r\n", "SET a=1\r\n"}) {
        CAPTURE(line);
        Slave slave;
        slave.hears(line);
        CHECK(slave.end.ended_by == Link::Next::not_clacks);
        CHECK(slave.says() == "");
    }
}

TEST_CASE("link: only the master locks and unlocks, and each once") {
    LinkPair pair;
    pair.join();
    pair.slave.heard();
    pair.master.heard();
    pair.say(pair.slave, "OVERHEAD L 1\r\nOVERHEAD L 0\r\n");
    pair.say(pair.master, "OVERHEAD L 0\r\nOVERHEAD L 1\r\nOVERHEAD L 0\r\n");
    pair.settle();
    CHECK(pair.master.heard() == "OVERHEAD L 1 | OVERHEAD L 0");
    CHECK(pair.slave.heard() == "OVERHEAD L 0 | OVERHEAD L 1 | OVERHEAD L 0");
    CHECK(pair.slave.link->synced());
    CHECK(pair.master.link->synced());
}

TEST_CASE("link: an unlock without a lock before it starts nothing") {
    Slave slave;
    slave.pair.change(slave.end, "STORE mine=1");
    slave.hears("CLACKS M\r\nOVERHEAD A " + token + "\r\nOVERHEAD L 0\r\n");
    CHECK(slave.says() == "OVERHEAD O Welcome!");
    slave.hears("OVERHEAD L 1\r\nOVERHEAD L 0\r\n");
    CHECK(slave.says().find("mine=1") != std::string::npos);
}
