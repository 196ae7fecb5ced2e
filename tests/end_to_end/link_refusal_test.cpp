#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <string_view>

#include "tests/client/fake_node.hpp"
#include "tests/end_to_end/tree.hpp"
#include "tests/processes/free_port.hpp"
#include "tests/processes/patience.hpp"

using namespace clacks::test;
using namespace std::chrono_literals;

namespace {

std::string mapping(const NodeProcess& master, const std::string& user,
                    const std::string& password) {
    return "{tls: \"127.0.0.1:" + std::to_string(master.port()) + "\", user: " + user +
           ", password: " + password + "}";
}

/// It tried more than once, never linked, and serves its own clients.
void check_alone(const NodeProcess& slave) {
    slave.wait_for("warning master_unreachable", 2);
    CHECK(slave.log().find("link_synced") == std::string::npos);
    auto client = slave.log_in();
    CHECK(client.ask("STORE a=1\nRETRIEVE a") == "RETRIEVED a=1\n");
}

/// How long a slave stays away to which its master, whom we play, says this, perhaps before it has
/// heard the login.
std::chrono::steady_clock::duration absence(std::string_view lines, bool hears_login = true) {
    FakeNode master;
    const std::string url = master.options().url;
    NodeConfig config = below("unix://" + url.substr(url.find('@') + 1), "slave");
    config.more = "interclacks: {reconnect_delay: 1ms, reconnect_delay_max: 2s}\n";
    const NodeProcess slave(config);
    Peer link = master.accepts();
    if (hears_login) link.reads(3);
    const auto begun = std::chrono::steady_clock::now();
    link.says(lines);
    link.closes();
    master.accepts();
    return std::chrono::steady_clock::now() - begun;
}

}  // namespace

TEST_CASE("link refusal: a master whose CA is not trusted gets no password, and the log says why") {
    const NodeProcess master(NodeConfig{.name = "master"});
    NodeConfig config = below(master.tls_url(), "slave");
    config.identity.ca = foreign_certificates().ca;
    const NodeProcess slave(config);
    slave.wait_for("certificate verify failed");
    slave.wait_for("tls.ca here must be the CA that has signed the master's certificate");
    master.wait_for("the client or slave does not trust our certificate");
    check_alone(slave);
    CHECK(master.log().find("info login") == std::string::npos);
}

TEST_CASE("link refusal: a master whose certificate is for another host is not linked to") {
    const NodeProcess master({.name = "master", .identity = other_host_certificates()});
    const NodeProcess slave(below(master.tls_url(), "slave"));
    slave.wait_for("certificate verify failed: IP address mismatch");
    slave.wait_for("'master' must name it as its certificate does");
    check_alone(slave);
    CHECK(master.log().find("info login") == std::string::npos);
}

TEST_CASE("link refusal: a master whose certificate has expired is not linked to") {
    const NodeProcess master({.name = "master", .identity = expired_certificates()});
    const NodeProcess slave(below(master.tls_url(), "slave"));
    slave.wait_for("the master needs a new certificate");
    master.wait_for("warning tls_error");
    check_alone(slave);
}

TEST_CASE("link refusal: with verify: none any certificate will do") {
    const NodeProcess master({.name = "master", .identity = foreign_certificates()});
    NodeConfig config = below(master.tls_url(), "slave");
    config.more = "interclacks: {verify: none}\n";
    const NodeProcess slave(config);
    wait_until_linked(slave, master);
    auto at_slave = slave.log_in();
    auto at_master = LineClient(Stream::to_unix(master.socket()));
    at_master.log_in(main_user, main_password);
    CHECK(settle(at_slave, at_master) == "");
}

TEST_CASE("link refusal: a wrong password is told on both sides, and never written down") {
    const NodeProcess master(NodeConfig{.name = "master"});
    const NodeProcess slave(below(mapping(master, main_user, "wrong-one"), "slave"));
    slave.wait_for("error link_refused");
    slave.wait_for("user=" + std::string(main_user) +
                   " what=\"the master does not accept our user or password");
    master.wait_for("user=" + std::string(main_user) + " what=\"wrong user or password");
    master.wait_for("warning login_failed");
    check_alone(slave);
    for (const NodeProcess* node : {&master, &slave}) {
        CHECK(node->log().find("wrong-one") == std::string::npos);
        CHECK(node->log().find(main_password) == std::string::npos);
    }
}

TEST_CASE("link refusal: a slave that is told to wait dials again when the time is over") {
    CHECK(absence("CLACKS m\r\nOVERHEAD E login_delayed seconds=2 (why)\r\n\r\nQUIT\r\n") >= 2s);
}

TEST_CASE("link refusal: a slave whose password is wrong waits for half of the longest delay") {
    for (const bool hears_login : {true, false}) {
        CHECK(absence("CLACKS m\r\nOVERHEAD F Login failed!\r\n", hears_login) >= 1s);
    }
}

TEST_CASE("link refusal: slaves with a wrong password keep no other at their address out") {
    const NodeProcess master(NodeConfig{.name = "master"});
    const NodeProcess wrong(below(mapping(master, main_user, "wrong-one"), "wrong"));
    const NodeProcess too(below(mapping(master, main_user, "wrong-one"), "too"));
    const NodeProcess other(below(mapping(master, main_user, "another"), "other"));
    for (const NodeProcess* slave : {&wrong, &too, &other}) {
        slave->wait_for("error link_refused", 8);
    }
    const NodeProcess right(below(master.tls_url(), "right"));
    wait_until_linked(right, master);
    CHECK(master.log().find("login_delayed") == std::string::npos);
}

TEST_CASE("link refusal: a user who may not open links is told apart") {
    const NodeProcess master(
        {.name = "master", .users = "  - {name: reader, password: r, permissions: [read]}\n"});
    const NodeProcess slave(below(mapping(master, "reader", "r"), "slave"));
    slave.wait_for("user=reader what=\"this user may not open links there");
    master.wait_for("warning link_denied");
    check_alone(slave);
}

TEST_CASE("link refusal: a master that we do not know is obeyed in nothing") {
    const NodeProcess master(NodeConfig{.name = "master"});
    auto at_master = master.log_in();
    at_master.ask("STORE a=master\nSTORE b=master");
    NodeConfig config = below(mapping(master, main_user, main_password), "slave");
    config.password = "another";
    const NodeProcess slave(config);
    slave.wait_for("error unknown_master");
    slave.wait_for("warning master_unreachable", 2);
    auto client = slave.log_in(Way::unix_socket, main_user, "another");
    CHECK(client.ask("KEYLIST") == "KEYLISTSTART\nKEYLISTEND\n");
    CHECK(slave.log().find("link_synced") == std::string::npos);
}

TEST_CASE("link refusal: of two nodes that are each other's master one is, and both say so") {
    const int port = free_port();
    const std::string url = "tls://127.0.0.1:" + std::to_string(port);
    const NodeProcess one(below(url, "one"));
    NodeConfig config = below(one.tls_url(), "other");
    config.port = port;
    const NodeProcess other(config);
    REQUIRE(other.port() == port);
    // Two that open at the same instant are both refused. Then one link stands, and whoever dials
    // the other way is refused again and again.
    const auto refusals = [](const NodeProcess& node) {
        const std::string log = node.log();
        const auto synced = log.rfind("link_synced");
        return synced == log.npos ? 0 : count_of("error cycle", log.substr(synced));
    };
    const auto deadline = deadline_from_now();
    while (refusals(one) + refusals(other) < 6) REQUIRE(milliseconds_until(deadline) > 0);
    CHECK(count_of("this link would make the tree a ring", one.log()) > 0);
    CHECK(count_of("this link would make the tree a ring", other.log()) > 0);
    auto at_one = one.log_in();
    auto at_other = other.log_in();
    CHECK(settle(at_one, at_other) == "");
    // Nothing goes round: each signal comes once, and a counter counts once.
    at_one.ask("LISTEN a");
    at_other.ask("LISTEN a\nSET a=from other\nINCREMENT n");
    settle(at_other, at_one);
    at_one.ask("SET a=from one\nINCREMENT n");
    CHECK(settle(at_one, at_other) == "SET a=from one\n");
    CHECK(at_one.ask("RETRIEVE n") == "RETRIEVED n=2\n");
    CHECK(at_other.ask("RETRIEVE n") == "RETRIEVED n=2\n");
}
