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

/// Makes a plain node's link of the connection; the last that it hears is our probe.
std::string probe_of(TestPeer& client) {
    client.says("OVERHEAD I 1");
    client.says("OVERHEAD O Welcome!");
    std::string last;
    while (const auto line = client.hears_line()) last = *line;
    return last;
}

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

TEST_CASE("flags: they stay with the value until it is stored anew") {
    TestNode node;
    TestPeer& plain = node.slave();
    TestPeer& client = node.client();
    client.says("STOREFOR 5,flags:7 a=1");
    CHECK(plain.hears() == "STORE a=1");
    CHECK(client.asks("FLAGS a") == "FLAGS a=7");
    CHECK(client.asks("TTL a") == "TTL a=5.000000");
    client.says("STOREFOR never,flags:4294967295 a=1");
    CHECK(client.asks("FLAGS a") == "FLAGS a=4294967295");
    CHECK(client.asks("TTL a") == "TTL a=never");
    client.says("STORE a=2");
    CHECK(client.asks("FLAGS a") == "FLAGS a=0");
    CHECK(client.asks("FLAGS b") == "NOTRETRIEVED b");
}

TEST_CASE("extensions: of several names each gets the answer that it gets alone, in order") {
    TestNode node;
    TestPeer& client = node.client();
    client.says("STOREFOR 5,flags:7 a=1");
    client.says("STORE c=x=3");
    CHECK(client.asks("RETRIEVEMANY a b c") == "RETRIEVED a=1 | NOTRETRIEVED b | RETRIEVED c=x=3");
    CHECK(client.asks("TTL c b a c") ==
          "TTL c=never | NOTRETRIEVED b | TTL a=5.000000 | TTL c=never");
    CHECK(client.asks("FLAGS c b a") == "FLAGS c=0 | NOTRETRIEVED b | FLAGS a=7");
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

TEST_CASE("tree time: what a master says of it that cannot be is not believed") {
    TestNode node;
    TestPeer& master = node.master();
    master.says("OVERHEAD M clacks id=above;name=above;path=above;");
    TestPeer& client = node.client();
    client.says("STOREFOR 60 a=1");
    const auto before = node.node.tree_time(node.now);
    for (const std::string word :
         {"moved=9223372036854775807", "moved=-9223372036854775808", "moved=253402300799999999",
          "moved=-1800000000000000", "moved=x", "now=-1", "now=99999999999999999999", "now="}) {
        CAPTURE(word);
        master.says("OVERHEAD M clacks " + word + ";");
        CHECK(node.node.tree_time(node.now) == before);
    }
    CHECK(client.asks("TTL a") == "TTL a=60.000000");
    master.says("OVERHEAD M clacks moved=5000000;");
    CHECK(node.node.tree_time(node.now) == before + 5s);
    CHECK(client.asks("TTL a") == "TTL a=60.000000");
}

TEST_CASE("rights: names outside the patterns are denied, whatever the verb") {
    TestNode node(with_sensor());
    TestPeer& sensor = node.client("sensor");
    for (const std::string line :
         {"STORE x=1", "RETRIEVE x", "SET sensor::x=1", "NOTIFY sensors", "LISTEN x", "LISTEN **",
          "LISTEN sensors", "REMOVE x", "INCREMENT x", "STOREFOR 5 x=1", "TTL x", "EXISTS x",
          "RETRIEVEMANY sensors::a x", "TTL sensors::a x", "FLAGS sensors::a x",
          "LISTENANDRETRIEVE x", "INCREMENTANDRETRIEVE x"}) {
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

TEST_CASE("reload: a link ends with the login on which it rests, at either end") {
    const Settings before = with_sensor();
    Settings other_password = before;
    other_password.users.front().password = "other";
    Settings other_first = before;
    std::swap(other_first.users[0], other_first.users[1]);
    Settings other_sensor = before;
    other_sensor.users.back().password = "other";
    struct Row {
        std::string what;
        Settings after;
        std::optional<CloseReason> closed;
    };
    for (const Row& row :
         {Row{"nothing", before, {}}, Row{"somebody else's password", other_sensor, {}},
          Row{"the password", other_password, CloseReason::login_revoked},
          Row{"who is first", other_first, CloseReason::login_revoked}}) {
        CAPTURE(row.what);
        TestNode node(before);
        TestPeer& slave = node.slave();
        TestPeer& master = node.master();
        node.reload(row.after);
        CHECK(slave.closed == row.closed);
        CHECK(master.closed == row.closed);
    }
}

TEST_CASE("reload: a master that has yet to prove itself is dialled again when we are another") {
    TestNode node;
    TestPeer& master = node.connect_to_master();
    node.reload(TestNode::default_settings());
    CHECK_FALSE(master.closed);
    Settings other = TestNode::default_settings();
    other.users.front().password = "other";
    node.reload(other);
    CHECK(master.closed == CloseReason::login_revoked);
}

TEST_CASE("reload: users that cannot be leave everything as it was") {
    TestNode node;
    TestPeer& client = node.client();
    CHECK_THROWS_AS(node.reload(Settings{}), std::invalid_argument);
    CHECK(client.asks("FLUSH x") == "FLUSHED x");
    CHECK_FALSE(node.client("reader").closed);
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

TEST_CASE("ring: a probe that comes back over another link ends the one it was sent over, once") {
    TestNode node;
    TestPeer& one = node.client();
    const std::string probe = probe_of(one);
    CHECK(probe.starts_with("OVERHEAD GM clacks-probe testnode "));
    TestPeer& two = node.slave();
    TestPeer& three = node.slave();
    one.says(probe);
    CHECK_FALSE(one.closed);
    two.says(probe);
    CHECK(one.closed == CloseReason::cycle);
    three.says(probe);
    CHECK_FALSE(three.closed);
    CHECK_FALSE(two.closed);
}

TEST_CASE("ring: between our own nodes the slave sends a probe, since a part of it may be plain") {
    TestNode node;
    TestPeer& plain = node.slave();
    TestPeer& ours = node.client();
    ours.says_bytes("OVERHEAD I 1\nOVERHEAD M clacks id=below;name=below;path=below;\n");
    CHECK(ours.hears().find("clacks-probe") == std::string::npos);
    TestPeer& master = node.connect_to_master();
    master.says("CLACKS Master 1");
    master.says("OVERHEAD O Welcome!");
    master.says(node.login("exampleuser", "unsafepassword"));
    master.says("OVERHEAD M clacks id=above;name=above;path=above;");
    master.says("OVERHEAD M clacks have=testnode:0;now=1700000000000000;");
    master.says("OVERHEAD L 1");
    master.forget();
    master.says("OVERHEAD L 0");
    std::string probe;
    while (const auto line = master.hears_line()) {
        if (line->find("clacks-probe") != std::string::npos) probe = *line;
    }
    CHECK(probe.starts_with("OVERHEAD GM clacks-probe testnode "));
    plain.says(probe);
    CHECK(master.closed == CloseReason::cycle);
    CHECK_FALSE(plain.closed);
}

TEST_CASE("ring: nobody cuts a link by making up a probe, or by sending one as a client") {
    TestNode node;
    TestPeer& one = node.client();
    const std::string probe = probe_of(one);
    TestPeer& two = node.slave();
    TestPeer& client = node.client("writer");
    for (const std::string made_up :
         {"OVERHEAD GM clacks-probe testnode", "OVERHEAD GM clacks-probe testnode ",
          "OVERHEAD GM clacks-probe testnode 1"}) {
        CAPTURE(made_up);
        two.says(made_up);
        CHECK_FALSE(two.closed);
        CHECK(one.hears() == "");
        CHECK(client.hears() == "");
    }
    client.says(probe);
    CHECK(two.hears() == probe);
    CHECK_FALSE(client.closed);
    CHECK_FALSE(two.closed);
}

TEST_CASE("ring: another node's probe goes on over the links, and to no client") {
    TestNode node;
    TestPeer& from = node.slave();
    TestPeer& to = node.slave();
    TestPeer& client = node.client();
    const std::string probe = "OVERHEAD GM clacks-probe other 1234";
    from.says(probe);
    CHECK(to.hears() == probe);
    CHECK(from.hears() == "");
    CHECK(client.hears() == "");
}

TEST_CASE("tree: a node tells of what it has heard, and forgets it with the link") {
    TestNode node;
    TestPeer& slave = node.slave();
    slave.says("OVERHEAD M clacks id=leaf;name=leaf;path=leaf;");
    slave.says("NODE id=leaf;up=testnode;name=leaf;clients=3;");
    TestPeer& client = node.client();
    CHECK(client.asks("TREE").find("TREE id=leaf;up=testnode;name=leaf;clients=3;heard_ms=0;") !=
          std::string::npos);
    CHECK(client.asks("TREE").find("TREE link=" + slave.id + ";node=leaf;with=") !=
          std::string::npos);
    node.slave();
    CHECK(client.asks("TREE").find(";node=;with=") != std::string::npos);  // a plain one
    node.hangs_up(slave);
    CHECK(client.asks("TREE").find("id=leaf") == std::string::npos);
}
