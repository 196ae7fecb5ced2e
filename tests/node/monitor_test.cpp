#include <doctest/doctest.h>

#include <string>

#include "tests/node/test_node.hpp"

using namespace clacks::node;
using namespace std::chrono_literals;

namespace {

struct Watched {
    TestNode node;
    TestPeer& monitor = node.client("manager");
    TestPeer& client = node.client();

    Watched() {
        monitor.says("MONITOR");
        monitor.forget();
    }
    /// What the monitor sees of a line of the client's; "@" for the client's id.
    std::string sees(const std::string& line) {
        client.says(line);
        std::string seen = monitor.hears();
        for (auto at = seen.find(client.id); at != std::string::npos; at = seen.find(client.id)) {
            seen.replace(at, client.id.size(), "@");
        }
        return seen;
    }
};

}  // namespace

TEST_CASE("monitor: it sees every line as it was received, good or bad, its own included") {
    Watched watched;
    for (const std::string line :
         {"SET a=1", "STORE a= x=y ", "BADCMD x", "set a=1", "PING", "RETRIEVE a", "LISTEN a",
          "OVERHEAD M hello", "OVERHEAD D dropped", "CLEARCACHE", "STORE bad", "NOP"}) {
        CAPTURE(line);
        CHECK(watched.sees(line) == "DEBUG @=" + line);
    }
    CHECK(watched.monitor.asks("PING") == "DEBUG " + watched.monitor.id + "=PING");
    CHECK(watched.monitor.asks("BADCMD") ==
          "DEBUG " + watched.monitor.id + "=BADCMD | OVERHEAD E unknown_command BADCMD");
}

TEST_CASE("monitor: what is denied is seen too") {
    Watched watched;
    TestPeer& reader = watched.node.client("reader");
    watched.monitor.forget();
    reader.says("STORE a=1");
    CHECK(watched.monitor.hears() == "DEBUG " + reader.id + "=STORE a=1");
}

TEST_CASE("monitor: CLACKS lines and lines with N are never mirrored") {
    Watched watched;
    for (const std::string line : {"CLACKS me", "OVERHEAD N quiet", "OVERHEAD NM quiet too"}) {
        CAPTURE(line);
        CHECK(watched.sees(line) == "");
    }
    CHECK(watched.sees("OVERHEAD GN Terry Pratchett") == "OVERHEAD GN Terry Pratchett");
}

TEST_CASE("monitor: credentials are never mirrored, whoever sends them") {
    Watched watched;
    TestNode& node = watched.node;
    const std::string login = node.login("exampleuser", "unsafepassword");
    const std::string token = login.substr(login.rfind(' ') + 1);
    const auto leaked = [&] { return watched.monitor.hears().find(token) != std::string::npos; };

    TestPeer& late = node.connect();  // the first login
    late.says("CLACKS x");
    late.says(login);
    CHECK_FALSE(leaked());
    late.says(login);  // another one
    CHECK_FALSE(leaked());
    late.says("OVERHEAD AM " + token);
    late.says("OVERHEAD GA " + token);
    CHECK_FALSE(leaked());
    for (const std::string start :
         {" OVERHEAD A ", "OVERHEAD  A ", "overhead a ", "x OverHead A "}) {
        CAPTURE(start);
        const std::string line = start + token;
        late.says(line);
        CHECK(watched.monitor.hears() == "DEBUG " + late.id + "=(unparsable line of " +
                                             std::to_string(line.size()) + " bytes)");
    }
    node.slave().says(login);  // a slave's
    CHECK_FALSE(leaked());
    node.master();  // a master's
    CHECK_FALSE(leaked());
}

TEST_CASE("monitor: it hears who comes and goes") {
    Watched watched;
    TestPeer& peer = watched.node.connect();
    CHECK(watched.monitor.hears() == "DEBUG CONNECTED=" + peer.id);
    peer.queued = 12;
    watched.node.hangs_up(peer);
    CHECK(watched.monitor.hears() ==
          "DEBUG DISCONNECTED=" + peer.id + " (12 bytes discarded from outbuffer)");
    TestPeer& master = watched.node.connect_to_master();
    CHECK(watched.monitor.hears() == "DEBUG CONNECTED=" + master.id);
}

TEST_CASE("monitor: nothing of who has not logged in is mirrored, a master's words neither") {
    Watched watched;
    TestPeer& stranger = watched.node.connect();
    TestPeer& master = watched.node.connect_to_master();
    watched.monitor.forget();
    stranger.says("CLACKS x");
    stranger.says("SET a=1");
    master.says("CLACKS x");
    master.says("SET a=1");
    CHECK(watched.monitor.hears() == "");
}

TEST_CASE("monitor: lines that come over links are seen like others") {
    Watched watched;
    TestPeer& slave = watched.node.slave();
    watched.monitor.forget();
    slave.says("SET a=1");
    CHECK(watched.monitor.hears() == "DEBUG " + slave.id + "=SET a=1");
}

TEST_CASE("monitor: MONITOR shows itself, UNMONITOR does not, and twice is once") {
    TestNode node;
    TestPeer& monitor = node.client();
    CHECK(monitor.asks("MONITOR") == "DEBUG " + monitor.id + "=MONITOR");
    CHECK(monitor.asks("MONITOR") == "DEBUG " + monitor.id + "=MONITOR");
    CHECK(monitor.asks("PING") == "DEBUG " + monitor.id + "=PING");
    CHECK(monitor.asks("UNMONITOR") == "");
    CHECK(monitor.asks("UNMONITOR") == "");
    CHECK(monitor.asks("PING") == "");
}

TEST_CASE("monitor: a connection that becomes a link monitors no longer") {
    TestNode node;
    TestPeer& peer = node.client();
    peer.says("LISTEN a");
    peer.says("MONITOR");
    peer.says("OVERHEAD I 1");
    peer.forget();
    TestPeer& client = node.client();
    client.says("SET a=1");
    CHECK(peer.hears() == "SET a=1");  // forwarded to the link, once
    CHECK(client.asks("CLIENTLIST").find("MONITOR=1") == std::string::npos);
}

TEST_CASE(
    "monitor: of what meets its conditions it is shown the share it wants, whatever lies between") {
    TestNode node;
    TestPeer& monitor = node.client();
    TestPeer& client = node.client();
    monitor.says("MONITOR command=STORE sample=0.1");
    for (int i = 0; i < 100; ++i) {
        client.says("STORE a=" + std::to_string(i));
        client.says("RETRIEVE a");
    }
    std::string shown;
    for (int i = 0; i < 100; i += 10) {
        shown += (i == 0 ? "" : " | ") + ("DEBUG " + client.id) + "=STORE a=" + std::to_string(i);
    }
    CHECK(monitor.hears() == shown);
}

TEST_CASE("monitor: what it sees of a packet stands before what the lines did to it") {
    for (const char* request : {"MONITOR", "MONITOR command=SET,STORE,OVERHEAD,CLIENTDISCONNECT"}) {
        CAPTURE(request);
        TestNode node;
        TestPeer& monitor = node.client();
        TestPeer& client = node.client();
        monitor.says("LISTEN a");
        monitor.says(request);
        monitor.forget();
        client.says_bytes("SET a=1\nSTORE b=1\nSET a=2\nOVERHEAD G hello\nCLIENTDISCONNECT " +
                          monitor.id + "\nSTORE b=2\n");
        const std::string debug = "DEBUG " + client.id + "=";
        CHECK(monitor.hears() == debug + "SET a=1 | SET a=1 | " + debug + "STORE b=1 | " + debug +
                                     "SET a=2 | SET a=2 | " + debug +
                                     "OVERHEAD G hello | OVERHEAD G hello | " + debug +
                                     "CLIENTDISCONNECT " + monitor.id + " | " + debug +
                                     "STORE b=2 | (empty line) | QUIT");
    }
}

TEST_CASE("monitor: a second MONITOR takes the place of the first, with conditions or without") {
    TestNode node;
    TestPeer& monitor = node.client();
    TestPeer& client = node.client();
    const auto sees_of = [&](const std::string& request) {
        monitor.says(request);
        monitor.forget();
        client.says("STORE a=1");
        client.says("REMOVE a");
        std::string seen;
        while (const auto line = monitor.hears_line()) seen += line->substr(line->find('=') + 1, 1);
        return seen;
    };
    const auto watching = [&] {
        const std::string status = client.asks("STATUS");
        return status.substr(status.find("STATUS monitors="), 17);
    };
    for (int i = 0; i < 2; ++i) {
        CHECK(sees_of("MONITOR command=STORE") == "S");
        CHECK(sees_of("MONITOR command=REMOVE") == "R");
        CHECK(sees_of("MONITOR") == "SR");
        CHECK(sees_of("MONITOR") == "SR");
        CHECK(watching() == "STATUS monitors=1");
        CHECK(sees_of("MONITOR nonsense") == "SR");
        CHECK(sees_of("MONITOR command=STORE") == "S");
        CHECK(sees_of("UNMONITOR") == "");
        CHECK(watching() == "STATUS monitors=0");
    }
}

TEST_CASE("monitor: a line about several names is about each of them") {
    TestNode node;
    TestPeer& monitor = node.client();
    TestPeer& client = node.client();
    monitor.says("MONITOR name=c::**");
    for (const std::string line : {"TTL d c::1", "RETRIEVEMANY c::1 c::2", "FLAGS c::1 d"}) {
        CAPTURE(line);
        client.says(line);
        CHECK(monitor.hears() == "DEBUG " + client.id + "=" + line);
    }
    monitor.says("MONITOR name=c::1");
    monitor.forget();
    for (const std::string line : {"TTL c::1 d", "TTL d c::1 e", "TTL d c::1"}) {
        CAPTURE(line);
        client.says(line);
        CHECK(monitor.hears() == "DEBUG " + client.id + "=" + line);
    }
    for (const std::string line :
         {"TTL d e", "TTL c::1d c::2", "TTL  ", "FLUSH c::1 c::2", "PING", "NONSENSE c::1"}) {
        CAPTURE(line);
        client.says(line);
        CHECK(monitor.hears() == "");
    }
}
