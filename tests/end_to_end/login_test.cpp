#include <doctest/doctest.h>

#include <array>
#include <csignal>
#include <string>

#include "protocol/base64.hpp"
#include "tests/processes/node_process.hpp"
#include "tests/processes/patience.hpp"

using namespace clacks::test;

namespace {

constexpr const char* users =
    "  - {name: reader, password: r, permissions: [read]}\n"
    "  - {name: writer, password: w, permissions: [write]}\n"
    "  - {name: keeper, password: m, permissions: [manage]}\n"
    "  - {name: usual, password: u}\n";

std::string denied(int times) {
    std::string lines;
    for (int i = 0; i < times; ++i) lines += "OVERHEAD E permission_denied\n";
    return lines;
}

}  // namespace

TEST_CASE("login: the welcome comes first, whatever is queued behind the login") {
    const NodeProcess node;
    for (const Way way : every_way) {
        CAPTURE(to_string(way));
        auto client = node.connect(way);
        client.say("STORE ignored=1\n" + LineClient::login_lines(main_user, main_password) +
                   "RETRIEVE ignored\nFLUSH x");
        const std::string got = client.lines_until("FLUSHED x");
        CHECK(got.starts_with("CLACKS clacksd "));
        CHECK(
            got.ends_with("\nOVERHEAD M Authentication required\nOVERHEAD O Welcome!\n"
                          "NOTRETRIEVED ignored\nFLUSHED x\n"));
    }
}

TEST_CASE("login: the first reply comes one round trip after the handshake") {
    const NodeProcess node;
    node.log_in().ask("STORE a=1");
    for (const Way way : {Way::tls_1_2, Way::tls_1_3}) {
        CAPTURE(to_string(way));
        auto client = node.connect(way);
        const int handshake = client.stream().flights();
        CHECK(handshake == 2);
        client.say(LineClient::login_lines(main_user, main_password) + "RETRIEVE a");
        CHECK(client.lines_until("RETRIEVED a=1").find("OVERHEAD O Welcome!") != std::string::npos);
        CHECK(client.stream().flights() <= handshake + 1);
    }
}

TEST_CASE("login: an address that guesses is refused unheard, right or wrong, for a while") {
    const NodeProcess node;
    const auto reply_to = [&](Way way, const std::string& password) {
        auto client = node.connect(way);
        client.say(LineClient::login_lines(main_user, password) + "QUIT");
        return client.lines_until_closed();
    };
    const auto refused = [](const std::string& reply) {
        return reply.ends_with("OVERHEAD F Login failed!\n");
    };
    const auto delayed = [](const std::string& reply) {
        return reply.find("OVERHEAD E login_delayed seconds=") != std::string::npos;
    };
    // Longer after each guess: on a slow machine, too, one comes too early at last.
    int guesses = 0;
    while (!delayed(reply_to(Way::tls_1_3, main_password))) {
        REQUIRE(guesses < 16);
        CHECK(refused(reply_to(Way::tls_1_3, "guess " + std::to_string(guesses++))));
    }
    CHECK(guesses >= 5);
    node.wait_for("warning login_delayed ");
    CHECK_FALSE(delayed(reply_to(Way::unix_socket, main_password)));
    const auto deadline = deadline_from_now();
    while (delayed(reply_to(Way::tls_1_3, main_password))) {
        REQUIRE(milliseconds_until(deadline) > 0);
    }
}

TEST_CASE("login: a failed one ends the connection, and nothing behind it is executed") {
    for (const Way way : every_way) {
        const NodeProcess node;  // a new one: five failures from an address are all that it hears
        for (const std::string& login :
             {LineClient::login_lines(main_user, "hunter2"), LineClient::login_lines("nobody", ""),
              LineClient::login_lines("", ""), std::string("CLACKS x\nOVERHEAD A ???:\n"),
              std::string("CLACKS x\nOVERHEAD A\n")}) {
            CAPTURE(to_string(way));
            CAPTURE(login);
            auto client = node.connect(way);
            client.say(login + "STORE a=1\n" + LineClient::login_lines(main_user, main_password) +
                       "STORE a=2\n");
            CHECK(client.lines_until_closed().ends_with("\nOVERHEAD F Login failed!\n"));
        }
        CHECK(node.log_in().ask("RETRIEVE a") == "NOTRETRIEVED a\n");
        node.wait_for("reason=login_failed", 5);
    }
}

TEST_CASE("login: no password reaches the log, right or wrong, plain or encoded") {
    NodeProcess node({.users = users});
    auto monitor = node.log_in();
    monitor.say("MONITOR");
    for (const char* password : {main_password, "hunter2"}) {
        auto client = node.connect();
        client.say(LineClient::login_lines(main_user, password) + "NONSENSE");
        client.lines(3);
    }
    monitor.ask("CLIENTLIST");
    node.signal(SIGTERM);
    std::string seen = monitor.lines_until_closed();
    CHECK(node.wait() == 0);
    seen += node.log();
    for (const char* password : {main_password, "hunter2"}) {
        CHECK(seen.find(password) == std::string::npos);
        CHECK(seen.find(clacks::protocol::base64_encode(password)) == std::string::npos);
    }
    CHECK(seen.find("warning login_failed") != std::string::npos);
}

TEST_CASE("login: a user may do what its permissions say, and is told what it may not") {
    const NodeProcess node({.users = users});
    constexpr std::array read{"RETRIEVE a", "KEYLIST", "LISTEN a", "UNLISTEN a"};
    constexpr std::array write{"NOTIFY a", "SET a=1",     "STORE a=1",   "SETANDSTORE a=1",
                               "REMOVE a", "INCREMENT a", "DECREMENT a", "OVERHEAD G hello"};
    constexpr std::array manage{
        "MONITOR",    "UNMONITOR",    "CLIENTLIST",         "CLIENTDISCONNECT x",
        "CLEARCACHE", "OVERHEAD C 0", "OVERHEAD S nonsense"};
    constexpr std::array link{"OVERHEAD I 1", "OVERHEAD L 1", "KEYSYNC 99999999999 0 U a=9"};
    struct Row {
        const char* user;
        const char* password;
        bool reads, writes, manages;
    };
    for (const Row& row :
         {Row{"reader", "r", true, false, false}, Row{"writer", "w", false, true, false},
          Row{"keeper", "m", false, false, true}, Row{"usual", "u", true, true, false}}) {
        CAPTURE(row.user);
        auto client = node.log_in(Way::unix_socket, row.user, row.password);
        const auto refusals = [&](const auto& lines) {
            int count = 0;
            for (const char* line : lines) count += client.ask(line) == denied(1) ? 1 : 0;
            return count;
        };
        CHECK(refusals(read) == (row.reads ? 0 : 4));
        CHECK(refusals(write) == (row.writes ? 0 : 8));
        CHECK(refusals(manage) == (row.manages ? 0 : 7));
        CHECK(refusals(link) == 3);
    }
}

TEST_CASE("login: replies keep the order of the requests, refusals too") {
    const NodeProcess node({.users = users});
    auto client = node.log_in(Way::tls_1_3, "reader", "r");
    CHECK(client.ask("RETRIEVE a\nSTORE a=1\nRETRIEVE a\nCLEARCACHE\nNONSENSE\nRETRIEVE a") ==
          "NOTRETRIEVED a\n" + denied(1) + "NOTRETRIEVED a\n" + denied(1) +
              "OVERHEAD E unknown_command NONSENSE\nNOTRETRIEVED a\n");
}

TEST_CASE("login: a client's certificate is asked for when the node requires one") {
    const NodeProcess node({.tls = "  client_certificates: require\n"});
    const TlsOptions ours{.certificate = client_certificates().certificate.string(),
                          .key = client_certificates().key.string()};
    auto client = node.connect(Way::tls_1_3, ours);
    client.log_in(main_user, main_password);
    CHECK(client.flush() == "");
    CHECK_THROWS(node.connect(Way::tls_1_2));
    CHECK_THROWS(node.log_in(Way::tls_1_3));  // there the refusal comes after the handshake
    node.wait_for("tls.client_certificates: require lets nobody in without one", 2);
}

TEST_CASE("login: a node that wants TLS 1.3 refuses 1.2") {
    NodeProcess node({.tls = "  minimum_version: \"1.3\"\n"});
    CHECK_THROWS(node.connect(Way::tls_1_2));
    node.wait_for("warning tls_error");
    CHECK(node.log_in(Way::tls_1_3).flush() == "");
}
