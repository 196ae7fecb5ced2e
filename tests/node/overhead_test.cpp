#include <doctest/doctest.h>

#include <string>

#include "tests/node/test_node.hpp"

using namespace clacks::node;
using namespace std::chrono_literals;

TEST_CASE("overhead: G goes to every other connection, with U also back, and U is dropped") {
    struct Row {
        std::string line;
        std::string others;
        std::string sender;
    };
    const Row rows[] = {
        {"OVERHEAD GNU Terry Pratchett", "OVERHEAD GN Terry Pratchett",
         "OVERHEAD GN Terry Pratchett"},
        {"OVERHEAD G hello", "OVERHEAD G hello", ""},
        {"OVERHEAD GU hello", "OVERHEAD G hello", "OVERHEAD G hello"},
        {"OVERHEAD MG order", "OVERHEAD GM order", ""},
        {"OVERHEAD GGG twice", "OVERHEAD G twice", ""},
        {"OVERHEAD GQXY unknown", "OVERHEAD G unknown", ""},
        {"OVERHEAD DG discarded here only", "OVERHEAD DG discarded here only", ""},
        {"OVERHEAD EG error", "OVERHEAD EG error", ""},
        {"OVERHEAD G", "", ""},
        {"OVERHEAD U alone", "", ""},
        {"OVERHEAD N quiet", "", ""},
        {"OVERHEAD Z none", "", ""},
        {"OVERHEAD gnu lower", "", ""},
        {"OVERHEAD GT 1700000000", "", ""},
        {"OVERHEAD GL 1", "", ""},
        {"OVERHEAD O Welcome?", "", ""},
        {"OVERHEAD F Login failed?", "", ""},
    };
    for (const Row& row : rows) {
        CAPTURE(row.line);
        TestNode node;
        TestPeer& sender = node.client();
        TestPeer& reader = node.client("nobody");
        TestPeer& slave = node.slave();
        TestPeer& master = node.master();
        sender.says(row.line);
        CHECK(sender.hears() == row.sender);
        CHECK(reader.hears() == row.others);
        CHECK(slave.hears() == row.others);
        CHECK(master.hears() == row.others);
    }
}

TEST_CASE("overhead: from a link it goes to clients and all other links") {
    TestNode node;
    TestPeer& slave = node.slave();
    TestPeer& other_slave = node.slave();
    TestPeer& master = node.master();
    TestPeer& client = node.client();
    slave.says("OVERHEAD GN Terry Pratchett");
    CHECK(client.hears() == "OVERHEAD GN Terry Pratchett");
    CHECK(master.hears() == "OVERHEAD GN Terry Pratchett");
    CHECK(other_slave.hears() == "OVERHEAD GN Terry Pratchett");
    CHECK(slave.hears() == "");
}

TEST_CASE("overhead: nothing is forwarded to who has not logged in") {
    TestNode node;
    TestPeer& stranger = node.connect().forget();
    TestPeer& master = node.connect_to_master().forget();
    node.client().says("OVERHEAD GNU Terry Pratchett");
    CHECK(stranger.hears() == "");
    CHECK(master.hears() == "");
}

TEST_CASE("overhead: C 1 closes all connections, with G after telling them") {
    TestNode node;
    TestPeer& manager = node.client("manager");
    TestPeer& client = node.client();
    TestPeer& slave = node.slave();
    TestPeer& stranger = node.connect().forget();
    manager.says("OVERHEAD C 0");
    CHECK(client.hears() == "");
    node.client().says("OVERHEAD GC 1");
    CHECK(client.hears() == "OVERHEAD CG 1 | (empty line) | QUIT");
    CHECK(slave.hears() == "OVERHEAD CG 1 | (empty line) | QUIT");
    CHECK(stranger.hears() == "(empty line) | QUIT");
    for (const TestPeer* peer : {&manager, &client, &slave, &stranger}) {
        CHECK(peer->closed == CloseReason::disconnected_by_manager);
    }
}

TEST_CASE("overhead: D discards, whatever else stands there; G is not stopped") {
    TestNode node;
    TestPeer& client = node.client();
    TestPeer& other = node.client();
    for (const std::string line : {"OVERHEAD DC 1", "OVERHEAD DS 5", "OVERHEAD DI 1"}) {
        CAPTURE(line);
        CHECK(client.asks(line) == "");
    }
    CHECK_FALSE(other.closed);
    CHECK_FALSE(node.shut_down_after);
    CHECK_FALSE(client.link);
    client.says("OVERHEAD DGC 1");
    CHECK(other.hears() == "OVERHEAD CDG 1");
    CHECK_FALSE(other.closed);
}

TEST_CASE("overhead: S shuts down in so many seconds, absurd numbers are refused") {
    struct Row {
        std::string text;
        long seconds;  // -1: refused
    };
    const Row rows[] = {
        {"0", 0},         {"5", 5},      {"31536000", 31'536'000},
        {"31536001", -1}, {"-1", -1},    {"1.5", -1},
        {"1e3", -1},      {"1e308", -1}, {"nan", -1},
        {"inf", -1},      {"-0.5", -1},  {"five", -1},
        {"5x", -1},       {" 5", -1},    {"99999999999999999999999999", -1},
        {"0x10", -1},     {"+5", -1},    {"", -1},
    };
    for (const Row& row : rows) {
        CAPTURE(row.text);
        TestNode node;
        TestPeer& client = node.client();
        const std::string line = "OVERHEAD S" + (row.text.empty() ? "" : ' ' + row.text);
        const std::string answer = client.asks(line);
        if (row.seconds < 0) {
            CHECK(answer == "OVERHEAD E unknown_command " + line);
            CHECK_FALSE(node.shut_down_after);
        } else {
            CHECK(answer == "");
            CHECK(node.shut_down_after == std::chrono::seconds(row.seconds));
            CHECK(node.log.count("shutdown_requested client=" + client.id) == 1);
        }
    }
}

TEST_CASE("overhead: absurd times on a link change nothing") {
    for (const std::string text : {"abc", "", "-1", "1e9", "1e308", "99999999999999999999", "nan",
                                   "inf", "0x1", "253402300800"}) {
        CAPTURE(text);
        TestNode node;
        TestPeer& slave = node.slave();
        slave.says("OVERHEAD T " + text);
        CHECK(slave.link->clock_offset() == 0us);
        CHECK_FALSE(slave.closed);
    }
}

TEST_CASE("overhead: the ends of the calendar on a link lose nothing and break nothing") {
    for (const std::string text : {"0", "253402300799.999999"}) {
        CAPTURE(text);
        TestNode node;
        TestPeer& slave = node.slave();
        slave.says("OVERHEAD T " + text);
        slave.says("KEYSYNC 0 0 U first=1");
        slave.says("KEYSYNC 253402300799.999999 253402300799.999999 U last=1");
        slave.says("KEYSYNC " + text + " 0 D gone=REMOVED");
        TestPeer& client = node.client();
        CHECK(client.asks("RETRIEVE first") == "RETRIEVED first=1");
        CHECK(client.asks("RETRIEVE last") == "RETRIEVED last=1");
        for (const std::string key : {"first", "last", "gone"}) {
            CAPTURE(key);
            client.says("STORE " + key + "=2");
            CHECK(client.asks("RETRIEVE " + key) == "RETRIEVED " + key + "=2");
        }
        node.clean();
        client.says("CLEARCACHE");
        client.says("STORE last=3");
        CHECK(client.asks("RETRIEVE last") == "RETRIEVED last=3");
        CHECK(node.slave().hears() == "");  // joins and gets the store without trouble
    }
}

TEST_CASE(
    "overhead: another node's error is in the log once, a client's for debugging, none with N") {
    TestNode node;
    for (TestPeer* peer : {&node.client(), &node.slave()}) {
        for (int i = 0; i < 3; ++i) peer->says("OVERHEAD E it hurts");
        peer->says("OVERHEAD EN between us");
        const bool link = peer->is_link;
        const std::string event = "peer_error client=" + peer->id;
        CHECK(node.log.count(event + " text=it hurts") == (link ? 1 : 0));
        CHECK(node.log.count("debug " + event) == (link ? 0 : 3));
        CHECK(node.log.text().find("between us") == std::string::npos);
        node.hangs_up(*peer);
        CHECK(node.log.count("repeated client=" + peer->id + " event=peer_error count=3") ==
              (link ? 1 : 0));
    }
}
