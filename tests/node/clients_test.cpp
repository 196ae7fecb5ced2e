#include <doctest/doctest.h>

#include <string>

#include "tests/node/test_node.hpp"

using namespace clacks::node;
using namespace std::chrono_literals;

namespace {

/// The CLIENT line of `peer` as `watcher` sees it, without the verb; "" if there is none.
std::string listed(TestPeer& watcher, const TestPeer& peer) {
    watcher.forget();
    watcher.says("CLIENTLIST");
    const std::string start = "CLIENT CID=" + peer.id + ";";
    while (const auto line = watcher.hears_line()) {
        if (line->starts_with(start)) return line->substr(7);
    }
    return "";
}

/// The value of one field of a CLIENT line.
std::string field(const std::string& line, const std::string& key) {
    const auto at = (";" + line).find(";" + key + "=");
    if (at == std::string::npos) return "(none)";
    const auto begin = at + key.size() + 1;
    return line.substr(begin, line.find(';', begin) - begin);
}

}  // namespace

TEST_CASE("clients: CLIENTLIST has a line with every field for each, oldest first") {
    TestNode node;
    TestPeer& first = node.client();
    TestPeer& second = node.client("reader");
    const auto line = [](const TestPeer& peer, const std::string& ping) {
        return "CLIENT CID=" + peer.id + ";HOST=127.0.0.1;PORT=" + peer.port +
               ";CLIENTINFO=test;OUTBUFFER_LENGTH=0;INBUFFER_LENGTH=0;INTERCLACKS=0;MONITOR=0;"
               "LASTPING=" +
               ping + ";LASTINTERCLACKSPING=0;WRITEFAILTIME=0;";
    };
    node.advance(5s);
    second.says("PING");
    CHECK(first.asks("CLIENTLIST") == "CLIENTLISTSTART | " + line(first, "1700000000.000000") +
                                          " | " + line(second, "1700000005.000000") +
                                          " | CLIENTLISTEND");
}

TEST_CASE("clients: the fields follow what happens") {
    TestNode node;
    TestPeer& watcher = node.client();
    TestPeer& peer = node.client();
    CHECK(field(listed(watcher, peer), "MONITOR") == "0");
    peer.says("MONITOR");
    CHECK(field(listed(watcher, peer), "MONITOR") == "1");
    peer.says("UNMONITOR");
    CHECK(field(listed(watcher, peer), "MONITOR") == "0");
    peer.says("NOPING");
    CHECK(field(listed(watcher, peer), "LASTPING") == "0");
    node.advance(3s);
    peer.says("PING");
    CHECK(field(listed(watcher, peer), "LASTPING") == "1700000003.000000");
    CHECK(field(listed(watcher, peer), "LASTINTERCLACKSPING") == "0");
    peer.queued = 4711;
    CHECK(field(listed(watcher, peer), "OUTBUFFER_LENGTH") == "4711");
    peer.says("CLACKS another name");
    CHECK(field(listed(watcher, peer), "CLIENTINFO") == "another name");
    peer.says("QUIT");
    CHECK(listed(watcher, peer) == "");
}

TEST_CASE("clients: links are marked, with their last PING") {
    TestNode node;
    TestPeer& watcher = node.client();
    TestPeer& slave = node.slave();
    TestPeer& master = node.master();
    for (TestPeer* link : {&slave, &master}) {
        node.advance(2s);
        link->says("PING");
        std::string now;
        clacks::protocol::format_time(node.now.wall, now);
        CHECK(field(listed(watcher, *link), "INTERCLACKS") == "1");
        CHECK(field(listed(watcher, *link), "LASTINTERCLACKSPING") == now);
    }
    CHECK(field(listed(watcher, master), "CLIENTINFO") == "Master 1");
}

TEST_CASE("clients: what a client calls itself can forge no field and is not endless") {
    TestNode node;
    TestPeer& watcher = node.client();
    TestPeer& peer = node.client();
    peer.says("CLACKS x;INTERCLACKS=1;MONITOR=1;");
    CHECK(field(listed(watcher, peer), "CLIENTINFO") == "x_INTERCLACKS=1_MONITOR=1_");
    CHECK(field(listed(watcher, peer), "INTERCLACKS") == "0");
    peer.says("CLACKS " + std::string(5000, 'x'));
    CHECK(field(listed(watcher, peer), "CLIENTINFO").size() == 200);
}

TEST_CASE("clients: a stranger is not listed") {
    TestNode node;
    TestPeer& watcher = node.client();
    TestPeer& stranger = node.connect();
    stranger.says("CLACKS x");
    CHECK(listed(watcher, stranger) == "");
}

TEST_CASE("clients: CLIENTDISCONNECT ends exactly the one it names") {
    TestNode node;
    TestPeer& manager = node.client("manager");
    TestPeer& one = node.client();
    TestPeer& other = node.client();
    CHECK(manager.asks("CLIENTDISCONNECT nosuch") == "");
    CHECK(manager.asks("CLIENTDISCONNECT " + one.id) == "");
    CHECK(one.closed == CloseReason::disconnected_by_manager);
    CHECK(one.hears() == "(empty line) | QUIT");
    CHECK_FALSE(other.closed);
    CHECK(other.hears() == "");
    CHECK(node.log.count("client_disconnected client=" + one.id + " by=" + manager.id) == 1);
    // It may name itself, and one that has gone.
    CHECK(manager.asks("CLIENTDISCONNECT " + one.id) == "");
    CHECK(manager.asks("CLIENTDISCONNECT " + manager.id) == "(empty line) | QUIT");
}

TEST_CASE("clients: a connection that has gone hears and is told nothing more") {
    TestNode node;
    TestPeer& gone = node.client();
    TestPeer& sender = node.client();
    gone.says("LISTEN a");
    gone.says("MONITOR");
    gone.forget();
    node.hangs_up(gone);
    sender.says("SET a=1");
    sender.says("OVERHEAD G hello");
    CHECK(gone.hears() == "");
    CHECK(node.log.count("disconnected client=" + gone.id +
                         " user=exampleuser reason=peer_closed") == 1);
}

TEST_CASE("clients: ids are words, and never used twice") {
    TestNode node;
    const TestPeer& one = node.client();
    const TestPeer& other = node.client();
    CHECK(one.id != other.id);
    CHECK(one.id == one.host + ":" + one.port);
    CHECK(one.id.find(' ') == std::string::npos);
}
