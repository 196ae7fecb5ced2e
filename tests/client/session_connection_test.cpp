#include <doctest/doctest.h>

#include "tests/client/session.hpp"

using namespace std::chrono_literals;
using clacks::Errc;
using clacks::protocol::Verb;

namespace {

const std::string login = "CLACKS test | OVERHEAD A bWU=: | FEATURES | FLUSH c0";

}  // namespace

TEST_CASE("session: the login is said at once, the rest after the welcome") {
    Session s;
    s.protocol.command(Verb::store, "a", "1");
    s.protocol.connected(s.now);
    CHECK(s.says() == login);
    CHECK(s.says() == "");
    s.hears("CLACKS node\n");
    CHECK(s.says() == "");
    s.hears("OVERHEAD M Authentication required\nOVERHEAD O Welcome!\n");
    CHECK(s.says() == "");
    s.hears("FEATURES tree\n");
    CHECK(s.protocol.ready());
    CHECK(s.says() == "STORE a=1");
}

TEST_CASE("session: listens and monitor go with the login") {
    Session s;
    s.protocol.listen("b");
    s.protocol.listen("a");
    s.protocol.listen("gone");
    s.protocol.unlisten("gone");
    s.protocol.monitor({});
    CHECK(s.log_in() == login + " | LISTEN a | LISTEN b | MONITOR");
}

TEST_CASE("session: the password and the name reach the login") {
    Session s({.password = "secret", .client_name = "a;b\r\nc"});
    CHECK(s.log_in() == "CLACKS a_b__c | OVERHEAD A bWU=:c2VjcmV0 | FEATURES | FLUSH c0");
}

TEST_CASE("session: a first line that is not CLACKS ends it, whatever follows") {
    struct Row {
        const char* line;
        const char* why;
    };
    const Row rows[] = {
        {"SET a=1\nCLACKS node\nOVERHEAD O Welcome!\n", "the first line was 'SET a=1'"},
        {"OVERHEAD O Welcome!\n", "the first line was 'OVERHEAD O Welcome!'"},
        {"SSH-2.0-OpenSSH\n", "the first line was 'SSH-2.0-OpenSSH'"},
        {"\x15\x03\x01 tls\n", "the first line was '??? tls'"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.line);
        Session s;
        s.protocol.connected(s.now);
        std::string line = row.line;
        const auto failure = s.protocol.receive(std::span(line), s.now);
        CHECK(failure.error == Errc::not_clacks);
        CHECK(failure.text == row.why);
        CHECK_FALSE(s.protocol.ready());
        CHECK(s.messages() == "");
    }
}

TEST_CASE("session: a first line without end is no node's") {
    Session s;
    s.protocol.connected(s.now);
    CHECK(s.hears(std::string(5000, 'x')) == "the other side's first line has no end");
}

TEST_CASE("session: a long line after the greeting is fine") {
    Session s;
    s.protocol.listen("a");
    s.protocol.connected(s.now);
    const std::string value(5000, 'x');
    CHECK(s.hears("CLACKS node\nOVERHEAD O Welcome!\nSET a=" + value + "\n") == "");
    CHECK(s.messages() == "set a=" + value);
}

TEST_CASE("session: a failed login is fatal, early and late") {
    Session s;
    s.protocol.connected(s.now);
    std::string lines = "CLACKS node\nOVERHEAD F Login failed!\n";
    auto failure = s.protocol.receive(std::span(lines), s.now);
    CHECK(failure.error == Errc::login_failed);
    CHECK(failure.text == "Login failed!");

    Session ready;
    ready.log_in();
    lines = "OVERHEAD F Login failed!\n";
    CHECK(ready.protocol.receive(std::span(lines), s.now).error == Errc::login_failed);
}

TEST_CASE(
    "session: a login that was not looked at may be tried again later, and the reason is told") {
    Session s;
    s.protocol.connected(s.now);
    std::string lines = "CLACKS node\nOVERHEAD E login_delayed seconds=4 (because)\n\nQUIT\n";
    const auto failure = s.protocol.receive(std::span(lines), s.now);
    CHECK(failure.error == Errc::login_delayed);
    CHECK(failure.text == "login_delayed seconds=4 (because)");
    CHECK(failure.wait == 4s);
}

TEST_CASE("session: what another client had forwarded is not the node's word") {
    Session s;
    s.protocol.connected(s.now);
    CHECK(s.hears("CLACKS node\nOVERHEAD GO Welcome!\nOVERHEAD FG Login failed!\n") == "");
    CHECK_FALSE(s.protocol.ready());
    s.hears(
        "OVERHEAD O Welcome!\nFLUSHED c0\nOVERHEAD EG permission_denied\nOVERHEAD GN Terry "
        "Pratchett\n");
    CHECK(s.protocol.ready());
    CHECK(s.messages() == "");
}

TEST_CASE("session: an answer before the welcome proves the login") {
    for (const char* line : {"SET a=1\n", "NOTIFY a\n", "FLUSHED x\n", "NOTRETRIEVED a\n"}) {
        CAPTURE(line);
        Session s;
        s.protocol.connected(s.now);
        s.hears("CLACKS node\n");
        s.hears(line);
        CHECK(s.protocol.ready());
        CHECK(s.hears("OVERHEAD O Welcome!\n") == "");
        CHECK(s.messages() == (line[0] == 'S'                           ? "set a=1"
                               : std::string_view(line) == "NOTIFY a\n" ? "notify a"
                                                                        : ""));
    }
}

TEST_CASE("session: informal lines and refusals prove nothing") {
    Session s;
    s.protocol.connected(s.now);
    s.hears("CLACKS node\nOVERHEAD M hello\nNOP\nPING\nOVERHEAD E too many connections\n");
    CHECK_FALSE(s.protocol.ready());
    CHECK(s.protocol.end_of_stream().text ==
          "the node closed the connection before its welcome, having said: too many connections");
}

TEST_CASE("session: the welcome must come in time") {
    Session s;
    s.protocol.connected(s.now);
    CHECK(s.protocol.deadline() == s.now + 15s);
    CHECK(s.waits(14s) == "");
    CHECK(s.waits(1s) == "connected, but no greeting came");

    Session slow;
    slow.protocol.connected(slow.now);
    slow.hears("CLACKS node\n");
    CHECK(slow.waits(15s) == "no answer to the login");
}

TEST_CASE("session: PING is sent every interval, one at a time") {
    Session s;
    s.log_in();
    s.waits(59s);
    CHECK(s.says() == "");
    s.waits(1s);
    s.hears("NOP\n");
    s.waits(60s);
    CHECK(s.says() == "PING");
    s.waits(60s);
    CHECK(s.says() == "PING");
}

TEST_CASE("session: a node that falls silent is gone") {
    Session s({.ping_interval = 1h, .silence_timeout = 90s});
    s.log_in();
    CHECK(s.waits(89s) == "");
    s.hears("NOP\n");
    CHECK(s.protocol.deadline() == s.now + 90s);
    CHECK(s.waits(89s) == "");
    CHECK(s.waits(1s) == "the node fell silent");
}

TEST_CASE("session: silence does not count while reading is paused") {
    Session s({.ping_interval = 1h, .silence_timeout = 90s, .received_bytes = 1});
    s.log_in();
    s.hears("SET a=1\n");
    CHECK_FALSE(s.protocol.wants_input());
    CHECK(s.waits(1h) == "");
    CHECK(s.messages() == "set a=1");
    s.protocol.resume(s.now);
    CHECK(s.waits(89s) == "");
    CHECK(s.waits(1s) == "the node fell silent");
}

TEST_CASE("session: QUIT and TIMEOUT end the connection") {
    Session s;
    s.log_in();
    CHECK(s.hears("\r\nQUIT\r\n") == "the node said QUIT");
    CHECK(s.hears("\r\nTIMEOUT\r\n") == "the node said TIMEOUT");
}

TEST_CASE("session: a reconnect restores the listens and is told") {
    Session s;
    s.protocol.listen("a");
    s.log_in();
    s.protocol.listen("b");
    s.protocol.monitor({});
    CHECK(s.says() == "LISTEN b | MONITOR");
    s.loses_connection();
    s.protocol.unlisten("a");
    CHECK(s.log_in() == login + " | LISTEN b | MONITOR");
    CHECK(s.messages() == "disconnected | reconnected");
}

TEST_CASE("session: a listen that was queued when the connection broke has not the last word") {
    Session s;
    s.protocol.listen("a");
    s.log_in();
    s.protocol.unlisten("a");
    s.protocol.listen("b");
    s.protocol.monitor({});
    s.loses_connection();
    s.protocol.listen("a");
    s.protocol.unlisten("b");
    s.protocol.unmonitor();
    CHECK(s.log_in() == login +
                            " | LISTEN a | UNLISTEN a | LISTEN b | MONITOR | LISTEN a | "
                            "UNLISTEN b | UNMONITOR");
    s.loses_connection();
    s.protocol.listen("c");
    CHECK(s.log_in() == login + " | LISTEN a | LISTEN c");
}

TEST_CASE("session: attempts that come to nothing are not told") {
    Session s;
    s.log_in();
    s.loses_connection();
    s.protocol.connected(s.now);
    s.hears("CLACKS node\n");
    s.loses_connection();
    CHECK(s.messages() == "disconnected");
    CHECK(s.log_in() == login);
    CHECK(s.messages() == "reconnected");
}

TEST_CASE("session: half a line of the old connection does not touch the new one") {
    Session s;
    s.log_in();
    s.hears("SET a=hal");
    s.loses_connection();
    s.log_in();
    s.hears("SET a=whole\n");
    CHECK(s.messages() == "disconnected | reconnected | set a=whole");
}

TEST_CASE("session: commands given while offline go out in order after the reconnect") {
    Session s;
    s.log_in();
    s.protocol.command(Verb::store, "sent", "1");
    CHECK(s.says() == "STORE sent=1");
    s.protocol.command(Verb::store, "queued", "2");
    s.loses_connection();
    s.protocol.command(Verb::set, "later", "3");
    CHECK(s.log_in() == login + " | STORE queued=2 | SET later=3");
}

TEST_CASE("session: close says QUIT behind everything, and drops what arrives") {
    Session s;
    s.log_in();
    s.protocol.command(Verb::store, "a", "1");
    s.protocol.close();
    CHECK(s.says() == "STORE a=1 | QUIT");
    s.hears("SET a=1\n");
    CHECK(s.messages() == "");
}

TEST_CASE("session: the stream may be cut anywhere") {
    const std::string stream =
        "CLACKS node\r\nOVERHEAD M Authentication required\r\nOVERHEAD O Welcome!\r\nFEATURES "
        "a\r\nFLUSHED c0\r\n"
        "SET a=x=y\r\n\r\nNOTIFY b\r\nDEBUG cid:1=SET a=1\r\nOVERHEAD E unknown_command x y\r\n"
        "FUTURE verb\r\nSET c=PAGECAMELCLACKSB64:MQ0KMg==\r\n";
    for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
        CAPTURE(cut);
        Session s;
        s.protocol.connected(s.now);
        CHECK(s.hears(stream.substr(0, cut)) == "");
        CHECK(s.hears(stream.substr(cut)) == "");
        CHECK(s.messages() ==
              "set a=x=y | notify b | debug cid:1=SET a=1 | error unknown_command x y | "
              "set c=1\r\n2");
    }
}
