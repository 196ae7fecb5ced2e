#include <doctest/doctest.h>

#include <string>

#include "tests/processes/node_process.hpp"

using namespace clacks::test;

namespace {

/// The client id of the connection that calls itself `name`, from an answer to CLIENTLIST.
std::string id_of(std::string_view name, const std::string& client_list) {
    const auto info = client_list.find("CLIENTINFO=" + std::string(name) + ";");
    REQUIRE_MESSAGE(info != std::string::npos, client_list);
    const auto begin = client_list.rfind("CID=", info) + 4;
    return client_list.substr(begin, client_list.find(';', begin) - begin);
}

}  // namespace

TEST_CASE("commands: the store answers in order on every way in") {
    const NodeProcess node;
    for (const Way way : every_way) {
        CAPTURE(to_string(way));
        auto client = node.log_in(way);
        CHECK(client.ask("RETRIEVE a\nSTORE a=1=2\nRETRIEVE a\nSTORE a=\nRETRIEVE a\nREMOVE a\n"
                         "RETRIEVE a") ==
              "NOTRETRIEVED a\nRETRIEVED a=1=2\nRETRIEVED a=\nNOTRETRIEVED a\n");
        CHECK(client.ask("INCREMENT n\nINCREMENT n=2.5\nRETRIEVE n\nDECREMENT n\nDECREMENT n=-4\n"
                         "RETRIEVE n") == "RETRIEVED n=3.5\nRETRIEVED n=6.5\n");
        CHECK(client.ask("STORE b::2=x\nSTORE b::1=x\nKEYLIST") ==
              "KEYLISTSTART\nKEY b::1\nKEY b::2\nKEY n\nKEYLISTEND\n");
        CHECK(client.ask("CLEARCACHE\nKEYLIST") == "KEYLISTSTART\nKEYLISTEND\n");
    }
}

TEST_CASE("commands: signals cross from every way in to every other, and not back") {
    const NodeProcess node;
    for (const Way from : every_way) {
        for (const Way to : every_way) {
            CAPTURE(to_string(from));
            CAPTURE(to_string(to));
            auto sender = node.log_in(from);
            auto listener = node.log_in(to);
            CHECK(listener.ask("LISTEN a\nLISTEN a::b\nLISTEN c\nUNLISTEN c") == "");
            CHECK(sender.ask("LISTEN a\nNOTIFY a\nSET a=1=2\nSET a=\nSETANDSTORE a::b=3\n"
                             "NOTIFY c\nSET A=no\nSTORE a=5\nREMOVE a\nRETRIEVE a::b") ==
                  "RETRIEVED a::b=3\n");
            CHECK(listener.flush() == "NOTIFY a\nSET a=1=2\nSET a=\nSET a::b=3\n");
        }
    }
}

TEST_CASE("commands: an IPv6 listener serves like the others") {
    try {
        Stream::to_tcp("::1", 1);
    } catch (const std::system_error& error) {
        if (error.code() != std::errc::connection_refused) {
            MESSAGE("this machine has no IPv6: ", error.what());
            return;
        }
    }
    const NodeProcess node({.listen = "  - tls://[::1]:PORT\n"});
    Stream stream = Stream::to_tcp("::1", node.port());
    stream.start_tls({.ca = certificates().ca.string()});
    LineClient client(std::move(stream));
    client.log_in(main_user, main_password);
    CHECK(client.ask("STORE a=6\nRETRIEVE a") == "RETRIEVED a=6\n");
    CHECK(client.ask("CLIENTLIST").find("HOST=::1;") != std::string::npos);
    CHECK(node.log_in(Way::tls_1_3).ask("RETRIEVE a") == "RETRIEVED a=6\n");
}

TEST_CASE("commands: keeping alive and small talk is answered by nothing") {
    const NodeProcess node;
    auto client = node.log_in();
    CHECK(client.ask("PING\nNOPING\nNOP\nCLACKS another name\nOVERHEAD M hello\nOVERHEAD O\n"
                     "OVERHEAD D anything\n\n\nUNLISTEN never") == "");
    client.send("NOTIFY x\r\r\n\n\rFLUSH lf only\nFLUSH cr l\rf\r\n");
    CHECK(client.lines(2) == "FLUSHED lf only\nFLUSHED cr lf\n");
}

TEST_CASE("commands: what does not fit is named in the answer, and the connection stays") {
    const NodeProcess node;
    auto client = node.log_in();
    for (const char* line :
         {"HELLO", "hello", "listen a", "STORE noequals", "SET =x", "RETRIEVE", "FLUSH", "OVERHEAD",
          "NOTIFY two words", "PINGX", "PING x", "KEYSYNC x", "RETRIEVED a=1", "STORE a b=1"}) {
        CHECK(client.ask(line) == "OVERHEAD E unknown_command " + std::string(line) + "\n");
    }
    CHECK(client.ask("KEYLIST") == "KEYLISTSTART\nKEYLISTEND\n");
}

TEST_CASE("commands: a monitor sees the lines of everybody and never a password") {
    const NodeProcess node;
    auto monitor = node.log_in();
    CHECK(monitor.ask("MONITOR").find("=MONITOR\n") != std::string::npos);
    auto client = node.log_in(Way::tls_1_3);
    client.say("CLACKS watched");
    const std::string id = id_of("watched", client.ask("CLIENTLIST"));
    client.ask("SET a=1\nNONSENSE\nOVERHEAD N secret");
    client.ask(LineClient::login_lines(main_user, main_password));
    client.say("QUIT");
    client.lines_until_closed();
    std::string expected = "DEBUG CONNECTED=" + id + "\n";
    for (const char* line : {"CLIENTLIST", "FLUSH flush-1", "SET a=1", "NONSENSE", "FLUSH flush-2",
                             "FLUSH flush-3", "QUIT"}) {
        expected += "DEBUG " + id + "=" + line + "\n";
    }
    CHECK(monitor.lines_until("DEBUG " + id + "=QUIT") == expected);
    CHECK(monitor.line().starts_with("DEBUG DISCONNECTED=" + id));

    monitor.ask("UNMONITOR");
    node.log_in().ask("SET a=2");
    CHECK(monitor.flush() == "");
}

TEST_CASE("commands: a manager lists connections and closes one or all of them") {
    const NodeProcess node;
    auto manager = node.log_in();
    auto first = node.log_in(Way::tls_1_3);
    auto second = node.log_in(Way::unix_socket);
    first.ask("CLACKS first; and; semicolons");
    const std::string list = manager.ask("CLIENTLIST");
    CHECK(list.starts_with("CLIENTLISTSTART\nCLIENT CID=unixdomainsocket:"));
    CHECK(list.ends_with("\nCLIENTLISTEND\n"));
    CHECK(count_of("\nCLIENT CID=", list) == 3);
    CHECK(manager.ask("CLIENTDISCONNECT " + id_of("first_ and_ semicolons", list)) == "");
    CHECK(first.lines_until_closed() == "\nQUIT\n");
    CHECK(second.flush() == "");
    manager.say("OVERHEAD C 1");
    CHECK(second.lines_until_closed() == "\nQUIT\n");
    CHECK(manager.lines_until_closed() == "\nQUIT\n");
    CHECK(node.log_in().flush() == "");
}

TEST_CASE("commands: OVERHEAD G reaches everybody who has logged in") {
    const NodeProcess node;
    auto sender = node.log_in();
    auto other = node.log_in(Way::tls_1_2);
    auto stranger = node.connect();
    CHECK(stranger.lines(2).starts_with("CLACKS "));
    CHECK(sender.ask("OVERHEAD GNU Terry Pratchett") == "OVERHEAD GN Terry Pratchett\n");
    CHECK(sender.ask("OVERHEAD G once") == "");
    CHECK(other.flush() == "OVERHEAD GN Terry Pratchett\nOVERHEAD G once\n");
    stranger.say(LineClient::login_lines(main_user, main_password));
    CHECK(stranger.line() == "OVERHEAD O Welcome!");
}
