#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/node/test_node.hpp"

using namespace clacks::node;
using namespace std::chrono_literals;

namespace {

const std::string forwarded[] = {"NOTIFY n",    "SET a=1",     "SETANDSTORE a=1", "STORE a=1",
                                 "INCREMENT a", "DECREMENT a", "REMOVE a",        "CLEARCACHE"};

}  // namespace

TEST_CASE("links: what a client does goes to all links, as received") {
    TestNode node;
    TestPeer& client = node.client();
    TestPeer& master = node.master();
    TestPeer& slave = node.slave();
    TestPeer& other = node.slave();
    for (const auto& line : forwarded) {
        CAPTURE(line);
        CHECK(client.asks(line) == "");
        CHECK(master.hears() == line);
        CHECK(slave.hears() == line);
        CHECK(other.hears() == line);
    }
}

TEST_CASE("links: what a link does goes to all others, never back") {
    TestNode node;
    TestPeer& listener = node.client();
    listener.says("LISTEN n");
    TestPeer& master = node.master();
    TestPeer& slave = node.slave();
    TestPeer& other = node.slave();
    std::vector<TestPeer*> links = {&master, &slave, &other};
    for (TestPeer* from : links) {
        for (const auto& line : forwarded) {
            CAPTURE(line);
            CHECK(from->asks(line) == "");
            for (TestPeer* to : links) {
                if (to != from) CHECK(to->hears() == line);
            }
        }
        CHECK(listener.hears() == "NOTIFY n");
    }
}

TEST_CASE("links: questions, listens and malformed lines stay here") {
    TestNode node;
    TestPeer& client = node.client();
    TestPeer& slave = node.slave();
    for (const std::string line : {"LISTEN a",  "UNLISTEN a", "RETRIEVE a",   "KEYLIST",
                                   "FLUSH x",   "PING",       "NOPING",       "NOP",
                                   "MONITOR",   "UNMONITOR",  "CLIENTLIST",   "CLIENTDISCONNECT x",
                                   "CLACKS me", "STORE bad",  "SET =x",       "NOTIFY",
                                   "BADCMD",    "store a=1",  "OVERHEAD M x", "OVERHEAD T 1"}) {
        CAPTURE(line);
        client.says(line);
        CHECK(slave.hears() == "");
    }
}

TEST_CASE("links: a listener at a link has no effect, and a monitor neither") {
    TestNode node;
    TestPeer& client = node.client();
    TestPeer& slave = node.slave();
    slave.says("LISTEN a");
    slave.says("MONITOR");
    CHECK(slave.hears() == "");
    client.says("SET a=1");
    CHECK(slave.hears() == "SET a=1");
}

TEST_CASE("links: a master whose first line is none of the protocol's is left at once") {
    for (const std::string line : {"HTTP/1.1 400 Bad Request", "SSH-2.0-OpenSSH", "PING",
                                   "OVERHEAD M Authentication required", "STORE bad"}) {
        CAPTURE(line);
        TestNode node;
        TestPeer& master = node.connect_to_master().forget();
        CHECK(master.asks(line) ==
              "OVERHEAD E not_clacks expected CLACKS <name> as the first line");
        CHECK(master.closed == CloseReason::not_clacks);
        CHECK(node.log.count("not_clacks client=" + master.id) == 1);
    }
}

TEST_CASE("links: a master that refuses our login is left, with a line that says why") {
    for (const std::string line : {"OVERHEAD F Login failed!", "OVERHEAD E permission_denied"}) {
        CAPTURE(line);
        TestNode node;
        TestPeer& master = node.connect_to_master().forget();
        master.says("CLACKS Master 1");
        master.says(line);
        CHECK(master.closed == CloseReason::refused_by_master);
        CHECK(node.log.count("link_refused client=" + master.id) == 1);
    }
}

TEST_CASE("links: a user who may not open links and tries is told in the log, once") {
    TestNode node;
    TestPeer& client = node.client("writer");
    for (int i = 0; i < 5; ++i) {
        CHECK(client.asks("OVERHEAD I 1") == "OVERHEAD E permission_denied");
    }
    CHECK(node.log.count("link_denied client=" + client.id + " user=writer") == 1);
}

TEST_CASE("links: a refusal says whether it is the password or the user") {
    struct Row {
        std::string line;
        std::string what;
    };
    for (const Row& row : {Row{"OVERHEAD F Login failed!", "the master does not accept our user"},
                           Row{"OVERHEAD E permission_denied", "this user may not open links"}}) {
        CAPTURE(row.line);
        TestNode node;
        TestPeer& master = node.connect_to_master();
        master.says("CLACKS Master 1");
        master.says(row.line);
        CHECK(master.refused);
        CHECK(node.log.count("link_refused client=" + master.id +
                             " user=exampleuser what=" + row.what) == 1);
    }
}

TEST_CASE("links: why a master does not let us in for now is in the log") {
    TestNode node;
    TestPeer& master = node.connect_to_master();
    master.says("CLACKS Master 1");
    master.says("OVERHEAD E login_delayed seconds=4 (too many failed logins from this address)");
    master.says("");
    master.says("QUIT");
    CHECK(node.log.count("peer_error client=" + master.id +
                         " text=login_delayed seconds=4 (too many failed") == 1);
    CHECK(master.told_to_wait == 4s);
}

TEST_CASE("links: a master that we do not know is told so and left") {
    // The last is a user of ours, but none that may open links.
    for (const std::string token : {"bm9ib2R5:eA==", "x", "", "cmVhZGVy:cg=="}) {
        CAPTURE(token);
        TestNode node;
        TestPeer& master = node.connect_to_master().forget();
        master.says("CLACKS Master 1");
        master.says_bytes("OVERHEAD A " + token + "\nSTORE a=1\nCLEARCACHE\n");
        CHECK(master.hears() == "OVERHEAD F Login failed!");
        CHECK(master.closed == CloseReason::unknown_master);
        CHECK(node.node.cache().size() == 0);
        CHECK(node.log.count("unknown_master client=" + master.id) == 1);
    }
}

TEST_CASE("links: nothing of ours reaches a master that has not proved who it is") {
    TestNode node;
    TestPeer& client = node.client();
    TestPeer& master = node.connect_to_master().forget();
    master.says("CLACKS Master 1");
    client.says("STORE secret=1");
    client.says("SET secret=1");
    client.says("SETANDSTORE secret=1");
    client.says("OVERHEAD GNU Terry Pratchett");
    client.says("CLEARCACHE");
    CHECK(master.hears() == "");
    for (const std::string line : {"RETRIEVE secret", "KEYLIST", "CLIENTLIST", "FLUSH x", "BAD"}) {
        CAPTURE(line);
        CHECK(master.asks(line) == "");
    }
}

TEST_CASE("links: a slave needs a user that may open links") {
    TestNode node;
    TestPeer& writer = node.client("writer");
    CHECK(writer.asks("OVERHEAD I 1") == "OVERHEAD E permission_denied");
    node.client().says("SET a=1");
    CHECK(writer.hears() == "");
}

TEST_CASE(
    "links: the value of a SETANDSTORE during the sync goes with the store, its signal at once") {
    TestNode node;
    TestPeer& client = node.client();
    client.says("STORE a=old");
    TestPeer& master = node.connect_to_master();
    master.says("CLACKS Master 1");
    master.says(node.login("exampleuser", "unsafepassword"));
    master.forget();
    client.says("SETANDSTORE a=new");
    client.says("STORE b=1");
    CHECK(master.hears() == "SET a=new");
    master.says("OVERHEAD L 1");
    master.says("OVERHEAD L 0");
    const std::string heard = master.hears();
    CHECK(heard.find("U a=new") != std::string::npos);
    CHECK(heard.find("U b=1") != std::string::npos);
    CHECK(heard.find("old") == std::string::npos);
}

TEST_CASE("links: a KEYSYNC that was taken goes on to the other links, on our clock") {
    TestNode node;
    TestPeer& master = node.master();
    TestPeer& slave = node.slave();
    TestPeer& other = node.slave();
    slave.says("OVERHEAD T 1700003600");  // an hour ahead of us
    slave.says("KEYSYNC 1700003500 1700003550 U a=1");
    const std::string line = "KEYSYNC 1699999900.000000 1699999950.000000 U a=1";
    CHECK(master.hears() == line);
    CHECK(other.hears() == line);
    CHECK(slave.hears() == "");
    // The same once more, and an older one: nobody needs to hear.
    slave.says("KEYSYNC 1700003500 1700003550 U a=1");
    slave.says("KEYSYNC 1700003400 1700003400 U a=0");
    CHECK(master.hears() == "");
    CHECK(other.hears() == "");
}

TEST_CASE("links: who brings back what was cleared away is told that it is gone") {
    TestNode node;
    TestPeer& client = node.client();
    TestPeer& slave = node.slave();
    TestPeer& other = node.slave();
    client.says("CLEARCACHE");
    slave.forget();
    other.forget();
    slave.says("KEYSYNC 1699999000 1699999000 U a=1");
    CHECK(slave.hears() == "KEYSYNC 1700000000.000000 0 D a=REMOVED");
    CHECK(other.hears() == "");
    CHECK(client.asks("RETRIEVE a") == "NOTRETRIEVED a");
}

TEST_CASE("links: a link that says QUIT is closed and no longer served") {
    TestNode node;
    TestPeer& slave = node.slave();
    slave.says("QUIT");
    CHECK(slave.closed == CloseReason::quit);
    node.client().says("SET a=1");
    CHECK(slave.hears() == "");
    CHECK(node.log.count("link_down client=" + slave.id) == 1);
}
