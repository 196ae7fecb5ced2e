#include <doctest/doctest.h>

#include <string>

#include "tests/node/test_node.hpp"

using namespace clacks::node;
using namespace std::chrono_literals;

// What one of our nodes makes of the words and lines of another that is slow, broken or evil.
namespace {

constexpr std::string_view now_word = "1700000000000000";

/// A slave that is one of our nodes, knows nothing yet and has been told everything.
TestPeer& our_slave(TestNode& node, const std::string& id = "below") {
    TestPeer& slave = node.client();
    slave.says_bytes("OVERHEAD I 1\nOVERHEAD M clacks id=" + id + ";name=x;path=x;\n");
    slave.says("OVERHEAD M clacks have=testnode:0;");
    return slave.forget();
}

/// A master that is one of our nodes and has told everything.
TestPeer& our_master(TestNode& node) {
    TestPeer& master = node.connect_to_master();
    master.says("CLACKS Master 1");
    master.says("OVERHEAD O Welcome!");
    master.says(node.login("exampleuser", "unsafepassword"));
    master.says("OVERHEAD M clacks id=above;name=x;path=above;");
    master.says("OVERHEAD L 1");
    master.says("OVERHEAD M clacks have=testnode:0;now=" + std::string(now_word) + ";");
    master.says("OVERHEAD L 0");
    return master.forget();
}

/// What the node says it has of the node `id` when that opens a link.
std::string position(TestNode& node, const std::string& id) {
    TestPeer& slave = node.client();
    slave.says_bytes("OVERHEAD I 1\nOVERHEAD M clacks id=" + id + ";name=x;path=x;\n");
    const std::string heard = slave.hears();
    node.hangs_up(slave);
    const auto at = heard.find("have=" + id + ":") + 6 + id.size();
    return heard.substr(at, heard.find(';', at) - at);
}

}  // namespace

TEST_CASE("feeds: a slave that introduces itself late is fed from the beginning") {
    TestNode node;
    node.client().says("STORE a=1");
    TestPeer& slave = node.client();
    slave.says("OVERHEAD I 1");  // it is taken for a plain one meanwhile
    slave.forget();
    slave.says("OVERHEAD M clacks id=below;name=x;path=x;");
    CHECK(slave.hears().find("KEYSYNC") == std::string::npos);
    slave.says("OVERHEAD M clacks have=testnode:0;");
    CHECK(slave.hears().find(",w:") != std::string::npos);
}

TEST_CASE("feeds: a slave stays who it said it is") {
    TestNode node;
    TestPeer& slave = our_slave(node, "first");
    slave.says("OVERHEAD M clacks id=second;name=x;path=x;");
    slave.says("OVERHEAD M clacks at=second:5;");
    slave.says("OVERHEAD M clacks at=first:6;");
    CHECK(position(node, "second") == "0");
    CHECK(position(node, "first") == "6");
}

TEST_CASE("feeds: what a master said of the store as to a plain node does not count") {
    // It had not heard yet who we are, and tells it all again, with its versions.
    TestNode node;
    TestPeer& listener = node.client();
    TestPeer& master = our_master(node);
    listener.asks("LISTEN a");
    master.says("KEYSYNC 1700000000 1700000000 U a=1");
    for (const std::string line : {"STORE a=1", "INCREMENT a", "DECREMENT a", "CLEARCACHE"}) {
        listener.says("STORE b=1");
        CAPTURE(line);
        master.says(line);
        CHECK(listener.asks("RETRIEVE a") == "NOTRETRIEVED a");
        CHECK(listener.asks("RETRIEVE b") == "RETRIEVED b=1");
    }
    master.says("REMOVE b");
    CHECK(listener.asks("RETRIEVE b") == "RETRIEVED b=1");
    // As a signal it does.
    master.forget();
    CHECK(master.asks("SETANDSTORE a=1") == "");
    CHECK(listener.hears() == "SET a=1");
    CHECK(listener.asks("RETRIEVE a") == "NOTRETRIEVED a");
}

TEST_CASE("feeds: a position is remembered when all lines up to it have been taken") {
    TestNode node;
    TestPeer& slave = our_slave(node);
    slave.says("KEYSYNC 1700000000 1700000000 U,w:1 a=1");
    slave.says("OVERHEAD M clacks at=below:5;");
    CHECK(position(node, "below") == "5");
    slave.says("OVERHEAD M clacks at=other:9;");
    CHECK(position(node, "other") == "0");
    CHECK(position(node, "below") == "5");
}

TEST_CASE("feeds: a position behind a line that was refused is not remembered") {
    const std::string long_name(2000, 'k');
    for (const std::string& refused :
         {std::string("KEYSYNC 1700000000 1700000000 U,w:1,x:what a=1"),
          "KEYSYNC 1700000000 1700000000 U,w:1 " + long_name + "=1",
          "KEYSYNC 1700000000 1700000000 U,w:1 a=" + std::string(3U << 20U, '1')}) {
        CAPTURE(refused.substr(0, 60));
        Settings settings = TestNode::default_settings();
        settings.limits.line_bytes = 4096;
        TestNode node(settings);
        TestPeer& slave = our_slave(node);
        slave.says("OVERHEAD M clacks at=below:5;");
        slave.says(refused);
        slave.says("OVERHEAD M clacks at=below:7;");
        CHECK(position(node, "below") == "5");
        CHECK(node.client().asks("RETRIEVE a") == "NOTRETRIEVED a");
    }
}

TEST_CASE("feeds: a counter of very many nodes passes, however short lines are to be") {
    Settings settings = TestNode::default_settings();
    settings.limits.line_bytes = 256;
    TestNode node(settings);
    std::string mode = "U,w:0,b:-";
    for (int i = 1; i <= 1000; ++i) {
        mode += ",c:" + std::to_string(i) + ":1700000000000000:1700000000000000:1:1";
    }
    our_slave(node).says("KEYSYNC 1700000000 1700000000 " + mode + " hits=1000");
    CHECK(node.client().asks("RETRIEVE hits") == "RETRIEVED hits=1000");
}

TEST_CASE("feeds: a clear from the far future is not believed") {
    TestNode node;
    TestPeer& client = node.client();
    client.says("STORE a=1");
    TestPeer& slave = our_slave(node);
    slave.says("OVERHEAD M clacks cleared=253402300799999999;");
    CHECK(client.asks("RETRIEVE a") == "RETRIEVED a=1");
    slave.says("OVERHEAD M clacks cleared=1700000000000001;");
    CHECK(client.asks("RETRIEVE a") == "NOTRETRIEVED a");
}

TEST_CASE("feeds: nobody says how far behind he is but who was told to move") {
    TestNode node;
    TestPeer& client = node.client();
    TestPeer& slave = our_slave(node);
    for (int i = 0; i < 100; ++i) slave.says("OVERHEAD M clacks heard=-253402300799999999;");
    slave.says("KEYSYNC 1700000000 1700000000 U,w:1 a=1");
    client.says("STORE a=2");
    CHECK(client.asks("RETRIEVE a") == "RETRIEVED a=2");
    slave.forget();
    CHECK(client.asks("RETRIEVEVERSION a").find("RETRIEVEDVERSION 17") == 0);
}

TEST_CASE("feeds: a node that has forgotten tombstones asks whoever may have missed them") {
    TestNode node;
    TestPeer& first = our_slave(node);
    first.says("OVERHEAD M clacks at=below:5;");
    TestPeer& client = node.client();
    client.says("STORE a=1");
    client.says("REMOVE a");
    node.hangs_up(first);
    node.advance(2h);
    node.clean();
    TestPeer& slave = node.client();
    slave.says_bytes("OVERHEAD I 1\nOVERHEAD M clacks id=below;name=x;path=x;\n");
    CHECK(slave.hears().find("have=below:5;") != std::string::npos);
    slave.says("OVERHEAD M clacks have=testnode:1;");
    CHECK(slave.hears().find("from=testnode:1;have=below:0;") != std::string::npos);
    slave.says("OVERHEAD M clacks at=below:6;");  // said before it heard that
    CHECK(position(node, "below") == "0");
    slave.says("OVERHEAD M clacks from=below:0;");
    slave.says("OVERHEAD M clacks at=below:7;");
    CHECK(position(node, "below") == "7");
}

TEST_CASE("feeds: who tells an older version than it was told hears ours again") {
    TestNode node;
    node.client().says("STORE a=1");
    TestPeer& slave = our_slave(node);
    slave.says("KEYSYNC 1600000000 1600000000 U,w:1 a=0");
    CHECK(slave.hears().find(",w:") != std::string::npos);
    CHECK(node.client().asks("RETRIEVE a") == "RETRIEVED a=1");
    slave.says("KEYSYNC 1600000000 1600000000 U,w:1 b=0");
    CHECK(slave.hears() == "");
}

TEST_CASE("feeds: until a slave has heard that times were moved what it says is of before") {
    TestNode node;
    TestPeer& client = node.client();
    TestPeer& master = our_master(node);
    TestPeer& slave = our_slave(node);
    master.says("OVERHEAD M clacks moved=5000000;");
    slave.says("KEYSYNC 1700000000 1700000000 U,w:1 a=1");
    slave.says("OVERHEAD M clacks heard=5000000;");
    slave.says("KEYSYNC 1700000001 1700000001 U,w:1 b=1");
    CHECK(client.asks("RETRIEVEVERSION a") == "RETRIEVEDVERSION 1700000005000000.1 a=1");
    CHECK(client.asks("RETRIEVEVERSION b") == "RETRIEVEDVERSION 1700000001000000.1 b=1");
}

TEST_CASE("feeds: a node that found out by itself what time it is wants to hear all once more") {
    TestNode node;
    our_slave(node).says("OVERHEAD M clacks at=below:5;");
    TestPeer& master = our_master(node);
    CHECK(position(node, "below") == "5");
    master.says("OVERHEAD M clacks now=1700000100000000;of=another;");
    CHECK(position(node, "below") == "0");
}

TEST_CASE("feeds: what the node has stays of the time it is if only the clock was wrong") {
    TestNode node;
    TestPeer& client = node.client();
    TestPeer& master = our_master(node);
    master.says("KEYSYNC 1700000000 1700000000 U,w:1 theirs=1");
    client.says("STORE ours=1");
    master.says("OVERHEAD M clacks now=1700000100000000;of=above;");
    CHECK(client.asks("RETRIEVEVERSION theirs") == "RETRIEVEDVERSION 1700000000000000.1 theirs=1");
    // That was written by the wrong clock.
    const std::string ours = client.asks("RETRIEVEVERSION ours");
    CHECK(ours.starts_with("RETRIEVEDVERSION 17000001000"));
}

TEST_CASE("feeds: a position that the node has not reached yet is none") {
    TestNode node;
    node.client().says("STORE a=1");
    TestPeer& slave = node.client();
    slave.says_bytes("OVERHEAD I 1\nOVERHEAD M clacks id=below;name=x;path=x;\n");
    slave.forget();
    slave.says("OVERHEAD M clacks have=testnode:1000;");
    CHECK(slave.hears().find("KEYSYNC") != std::string::npos);
}

TEST_CASE("feeds: a slave that asks for everything again and again is served a few times") {
    TestNode node;
    node.client().says("STORE a=1");
    TestPeer& slave = our_slave(node);
    int served = 0;
    for (int i = 0; i < 100; ++i) {
        slave.says("OVERHEAD M clacks have=testnode:0;");
        if (slave.hears().find("KEYSYNC") != std::string::npos) ++served;
    }
    CHECK(served < 5);
    // But who finds out something about its clock now and then is.
    node.advance(std::chrono::seconds(11));
    slave.says("OVERHEAD M clacks have=testnode:0;");
    CHECK(slave.hears().find("KEYSYNC") != std::string::npos);
}
