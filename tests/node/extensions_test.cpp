// What no dialogue of protocol.txt shows of the extensions.
#include <doctest/doctest.h>

#include <string>

#include "tests/node/test_node.hpp"

using namespace clacks::node;
using namespace std::chrono_literals;
using clacks::MonoTime;
using clacks::protocol::NamePattern;
using clacks::protocol::Permission;

namespace {

/// A node with a user "sensor" who may read and write below sensors:: only.
Settings with_sensor() {
    Settings settings = TestNode::default_settings();
    User sensor{.name = "sensor", .password = "s", .permissions = {}};
    sensor.permissions.add(Permission::read);
    sensor.permissions.add(Permission::write);
    sensor.read_names = {*NamePattern::make("sensors::**")};
    sensor.write_names = {*NamePattern::make("sensors::**")};
    settings.users.push_back(sensor);
    return settings;
}

const std::string denied = "OVERHEAD E permission_denied";

}  // namespace

TEST_CASE("expiry: a value is there until its instant, and gone from then on") {
    TestNode node;
    TestPeer& client = node.client();
    client.says("STOREFOR 5 a=1");
    node.advance(4s);
    CHECK(client.asks("RETRIEVE a") == "RETRIEVED a=1");
    node.advance(1s);
    CHECK(client.asks("RETRIEVE a") == "NOTRETRIEVED a");
    CHECK(client.asks("EXISTS a") == "EXISTS a=0");
    CHECK(client.asks("KEYLIST") == "KEYLISTSTART | KEYLISTEND");
    CHECK(client.asks("STOREIF absent a=2").starts_with("STORED "));
}

TEST_CASE("expiry: a plain node is sent a STORE, and a REMOVE when the value has expired") {
    TestNode node;
    TestPeer& plain = node.slave();
    node.client().says("STOREFOR 5 a=1");
    CHECK(plain.hears() == "STORE a=1");
    node.advance(5s);
    node.clean();
    CHECK(plain.hears().find("REMOVE a") != std::string::npos);
}

TEST_CASE("expiry: one of our nodes is told the instant") {
    TestNode node;
    TestPeer& ours = node.slave();
    ours.says("OVERHEAD M clacks id=other;name=other;path=other;");
    ours.says("OVERHEAD M clacks have=other:0;");
    ours.hears();
    TestPeer& client = node.client();
    client.says("STOREFOR 5 a=1");
    CHECK(ours.hears().find(",x:1700000005000000 a=1") != std::string::npos);
    client.says("EXPIRE a=0");
    const std::string prolonged = ours.hears();
    CHECK(prolonged.starts_with("KEYSYNC "));
    CHECK(prolonged.find(",x:") == std::string::npos);
    ours.says("KEYSYNC 1700000000 1700000000 U,w:5,x:1700000007000000 b=2");
    CHECK(client.asks("TTL b") == "TTL b=7.000000");
}

TEST_CASE("rights: names outside the patterns are denied, whatever the verb") {
    TestNode node(with_sensor());
    TestPeer& sensor = node.client("sensor");
    for (const std::string line :
         {"STORE x=1", "RETRIEVE x", "SET sensor::x=1", "NOTIFY sensors", "LISTEN x", "LISTEN **",
          "LISTEN sensors", "REMOVE x", "INCREMENT x", "STOREFOR 5 x=1", "TTL x", "EXISTS x",
          "RETRIEVEMANY sensors::a x", "LISTENANDRETRIEVE x", "INCREMENTANDRETRIEVE x"}) {
        CAPTURE(line);
        CHECK(sensor.asks(line) == denied);
    }
    CHECK(sensor.asks("STORE sensors::a=1") == "");
    CHECK(sensor.asks("RETRIEVE sensors::a") == "RETRIEVED sensors::a=1");
    CHECK(sensor.asks("LISTEN sensors::*") == "");
    CHECK(sensor.asks("LISTEN sensors::**") == "");
}

TEST_CASE("rights: KEYLIST leaves out what may not be read") {
    TestNode node(with_sensor());
    node.client().says("STORE secret=1");
    node.client().says("STORE sensors::a=1");
    CHECK(node.client("sensor").asks("KEYLIST") == "KEYLISTSTART | KEY sensors::a | KEYLISTEND");
}

TEST_CASE("reload: a listen that is no longer allowed ends at once; others stay") {
    TestNode node(with_sensor());
    TestPeer& sensor = node.client("sensor");
    sensor.says("LISTEN sensors::*");
    sensor.says("LISTEN sensors::a::b");
    Settings narrower = with_sensor();
    narrower.users.back().read_names = {*NamePattern::make("sensors::a::**")};
    node.reload(narrower);
    node.client().says("SET sensors::x=1");
    node.client().says("SET sensors::a::b=2");
    CHECK(sensor.hears() == "SET sensors::a::b=2");
    CHECK_FALSE(sensor.closed);
}

TEST_CASE("reload: who is gone, or has another password, is told and disconnected") {
    TestNode node(with_sensor());
    TestPeer& sensor = node.client("sensor");
    TestPeer& reader = node.client("reader");
    Settings changed = with_sensor();
    changed.users.back().password = "other";
    node.reload(changed);
    CHECK(sensor.closed == CloseReason::login_revoked);
    CHECK_FALSE(reader.closed);
    CHECK(reader.asks("FLUSH x") == "FLUSHED x");
}

TEST_CASE("reload: users that cannot be leave everything as it was") {
    TestNode node;
    TestPeer& client = node.client();
    CHECK_THROWS_AS(node.reload(Settings{}), std::invalid_argument);
    CHECK(client.asks("FLUSH x") == "FLUSHED x");
    CHECK_FALSE(node.client("reader").closed);
}

TEST_CASE("login guard: after five failures an address is refused unheard, for longer each time") {
    LoginGuard guard;
    const MonoTime start{};
    for (int i = 0; i < 4; ++i) guard.failed("192.0.2.1", start);
    CHECK(guard.wait("192.0.2.1", start) == 0ms);
    guard.failed("192.0.2.1", start);
    CHECK(guard.wait("192.0.2.1", start) == 500ms);
    CHECK(guard.wait("192.0.2.2", start) == 0ms);
    guard.failed("192.0.2.1", start);
    CHECK(guard.wait("192.0.2.1", start) == 1s);
    for (int i = 0; i < 100; ++i) guard.failed("192.0.2.1", start);
    CHECK(guard.wait("192.0.2.1", start) == 60s);
    CHECK(guard.wait("192.0.2.1", start + 60s) == 0ms);
}

TEST_CASE("login guard: it does not remember more addresses than it may") {
    LoginGuard guard;
    for (std::size_t i = 0; i < 2 * LoginGuard::most_addresses; ++i) {
        guard.failed(std::to_string(i), MonoTime{});
    }
    guard.failed("again", MonoTime{});
    CHECK(guard.wait("again", MonoTime{}) == 0ms);
}

TEST_CASE("ring: a slave that is above us, or is ourselves, is refused with a reason") {
    TestNode node;
    TestPeer& self = node.slave();
    self.says("OVERHEAD M clacks id=testnode;name=x;path=testnode;");
    CHECK(self.closed == CloseReason::cycle);
    TestPeer& other = node.slave();
    other.says("OVERHEAD M clacks id=other;name=x;path=other;");
    CHECK_FALSE(other.closed);
}

TEST_CASE("ring: a probe that comes back over another link ends the one that it was sent over") {
    TestNode node;
    TestPeer& client = node.client();
    TestPeer& one = node.slave();
    TestPeer& two = node.slave();
    const std::string probe = "OVERHEAD GM clacks-probe testnode " + std::to_string(two.serial);
    two.says(probe);  // an echo is no ring
    CHECK_FALSE(two.closed);
    one.says(probe);
    CHECK(two.closed == CloseReason::cycle);
    CHECK_FALSE(one.closed);
    one.says(probe);  // the link has gone meanwhile
    CHECK_FALSE(one.closed);
    CHECK(client.hears() == "");
}

TEST_CASE("ring: the probe of another node goes on to the other links, and to no client") {
    TestNode node;
    TestPeer& client = node.client();
    TestPeer& one = node.slave();
    TestPeer& two = node.slave();
    one.says("OVERHEAD GM clacks-probe other 7");
    CHECK(two.hears() == "OVERHEAD GM clacks-probe other 7");
    CHECK(client.hears() == "");
    // Whoever says so without a link is a client that talks to the others.
    node.client().says("OVERHEAD GM clacks-probe testnode " + std::to_string(one.serial));
    CHECK_FALSE(one.closed);
    CHECK(client.hears().starts_with("OVERHEAD GM clacks-probe testnode "));
}

TEST_CASE("tree: a node tells of what it has heard, and forgets it with the link") {
    TestNode node;
    TestPeer& slave = node.slave();
    slave.says("OVERHEAD M clacks id=leaf;name=leaf;path=leaf;");
    slave.says("NODE id=leaf;up=testnode;name=leaf;clients=3;");
    TestPeer& client = node.client();
    CHECK(client.asks("TREE").find("TREE id=leaf;up=testnode;name=leaf;clients=3;heard_ms=0;") !=
          std::string::npos);
    node.hangs_up(slave);
    CHECK(client.asks("TREE").find("id=leaf") == std::string::npos);
}
