// A node as memcached: who may do what, and how it is looked after.
#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/end_to_end/tree.hpp"
#include "tests/memcached_clients/memcached_node.hpp"
#include "tests/processes/free_port.hpp"
#include "tests/processes/patience.hpp"

using namespace clacks::test;

namespace {

std::string login(std::string_view name_and_password) {
    return "set auth 0 0 " + std::to_string(name_and_password.size()) + "\r\n" +
           std::string(name_and_password) + "\r\n";
}

std::string first_line(CacheClient& client, const std::string& request) {
    std::string reply;
    client.stream().write(request, reply);
    while (reply.find("\r\n") == reply.npos && client.stream().read(reply)) {
    }
    return reply.substr(0, reply.find("\r\n"));
}

std::string first_line(CacheClient&& client, const std::string& request) {
    return first_line(client, request);
}

/// The value of `STAT name value`.
std::string stat(CacheClient client, const std::string& name) {
    const std::string all = client.ask("stats\r\n");
    const auto at = all.find("STAT " + name + " ");
    REQUIRE(at != all.npos);
    const auto begin = at + name.size() + 6;
    return all.substr(begin, all.find("\r\n", begin) - begin);
}

void rewrite(NodeProcess& node, const std::string& from, const std::string& to) {
    const auto file = node.directory() / "node.yaml";
    std::string text = contents(file);
    const auto at = text.find(from);
    REQUIRE(at != text.npos);
    text.replace(at, from.size(), to);
    std::ofstream(file) << text;
}

}  // namespace

TEST_CASE("memcached node: with a file of users, everybody has to log in and has his rights") {
    const TemporaryDirectory files;
    const auto users = files.write("users.txt", "all:a\nreader:r\n").string();
    MemcachedNode node(
        {.users = "  - {name: reader, password: x, permissions: [read], names: [\"r::**\"]}\n"},
        "auth_file: " + users + ", ");
    CHECK(first_line(node.connect(), "get a\r\n") == "CLIENT_ERROR unauthenticated");
    CHECK(first_line(node.connect(), login("s3cret wrong")) ==
          "CLIENT_ERROR authentication failure");
    node.node().wait_for("warning login_failed client=unix:");
    CHECK(first_line(node.connect(), login("reader wrong")) ==
          "CLIENT_ERROR authentication failure");
    node.node().wait_for(" user=reader what=\"wrong user or password of memcached");
    CHECK(node.node().log().find("s3cret") == std::string::npos);  // people type passwords there
    CacheClient all = node.connect_tcp();
    CHECK(all.ask(login("all a") + "set r::a 0 0 1\r\nx\r\nflush_all\r\n") ==
          "STORED\r\nSTORED\r\nOK\r\n");
    all.set("r::a", "y");
    CacheClient reader = node.connect();
    std::string reply;
    reader.stream().write(
        login("reader r") + "get r::a\r\nget other\r\nset r::a 0 0 1\r\nz\r\nflush_all\r\nquit\r\n",
        reply);
    reply += reader.until_closed();
    CHECK(reply.starts_with("STORED\r\nVALUE r::a 0 1\r\ny\r\nEND\r\n"));
    CHECK(count_of("ERROR", reply) == 3);
    CHECK(all.get("r::a") == "y");
}

TEST_CASE("memcached node: a client's certificate is its name") {
    const int port = free_port();
    const auto answer = [&](const std::string& users, const std::string& request) {
        const NodeProcess node(
            {.more = "memcached: {listen: [{tls: \"127.0.0.1:" + std::to_string(port) +
                     "\", client_certificates: require}]}\n",
             .users = users});
        Stream stream = Stream::to_tcp("127.0.0.1", port);
        stream.start_tls({.ca = certificates().ca.string(),
                          .certificate = client_certificates().certificate.string(),
                          .key = client_certificates().key.string()});
        return first_line(CacheClient(std::move(stream)), request);
    };
    const std::string known = "  - {name: known, certificate: client, permissions: [read]}\n";
    const std::string other = "  - {name: other, certificate: somebody}\n";
    CHECK(answer(known, "get a\r\n") == "END");
    CHECK(answer(known, "delete a\r\n").starts_with("CLIENT_ERROR"));
    CHECK(answer(other, "get a\r\n") == "CLIENT_ERROR unauthenticated");
}

TEST_CASE("memcached node: stats have the numbers of all workers") {
    MemcachedNode node;
    CacheClient one = node.connect();
    CacheClient two = node.connect_tcp();
    one.set("a", "x");
    two.get("a");
    two.get("b");
    one.ask("stats reset\r\n");
    one.set("a", "y");
    two.ask("get a b\r\n");
    CHECK(stat(node.connect(), "cmd_set") == "1");
    CHECK(stat(node.connect(), "get_hits") == "1");
    CHECK(stat(node.connect(), "curr_items") == "1");
    CHECK(std::stoi(stat(node.connect(), "total_connections")) >= 5);
    CHECK(stat(node.connect(), "pid") == std::to_string(node.node().pid()));
    CHECK(std::stoul(stat(node.connect(), "limit_maxbytes")) == 64U << 20U);
    const std::string connections = one.ask("stats conns\r\n");
    CHECK(connections.find(":addr tcp:127.0.0.1:") != connections.npos);
    CHECK(connections.find(":addr unix:" + node.socket()) != connections.npos);
    LineClient client = node.node().log_in();
    const std::string status = client.ask("STATUS");
    CHECK(status.find("STATUS memcached_connections=") != status.npos);
    CHECK(status.find("STATUS memcached_hits=2\n") != status.npos);
}

TEST_CASE("memcached node: a monitor sees what its clients change") {
    MemcachedNode node;
    LineClient monitor = node.node().log_in();
    monitor.ask("MONITOR client=memcached");
    node.connect().ask("set a 0 0 1\r\n1\r\nincr a 2\r\ndelete a\r\nflush_all\r\n");
    CHECK(monitor.lines(4) ==
          "DEBUG memcached=STORE a=1\nDEBUG memcached=INCREMENT a=2\nDEBUG memcached=REMOVE a\n"
          "DEBUG memcached=CLEARCACHE\n");
}

TEST_CASE("memcached node: addresses open and close while it runs, and connections stay") {
    MemcachedNode node;
    const int other = free_port();
    CacheClient stays = node.connect_tcp();
    stays.set("a", "x");
    rewrite(node.node(), "tcp://127.0.0.1:" + node.port_text(),
            "tcp://127.0.0.1:" + std::to_string(other));
    node.node().signal(SIGHUP);
    node.node().wait_for("reloaded");
    CHECK(stays.get("a") == "x");
    CHECK(node.connect().get("a") == "x");
    CHECK(CacheClient(Stream::to_tcp("127.0.0.1", other)).get("a") == "x");
    CHECK_THROWS(node.connect_tcp());
}

TEST_CASE("memcached node: notify and users change while it runs") {
    const TemporaryDirectory files;
    const auto users = files.write("users.txt", "one:1\n").string();
    MemcachedNode node({}, "auth_file: " + users + ", ");
    CacheClient one = node.connect();
    CHECK(one.ask(login("one 1")) == "STORED\r\n");
    files.write("users.txt", "two:2\n");
    rewrite(node.node(), "auth_file:", "notify: a, auth_file:");
    node.node().signal(SIGHUP);
    node.node().wait_for("reloaded");
    LineClient listener = node.node().log_in();
    listener.ask("LISTEN a");
    CHECK(first_line(node.connect(), login("one 1")) == "CLIENT_ERROR authentication failure");
    CacheClient two = node.connect();
    CHECK(two.ask(login("two 2") + "set a 0 0 1\r\nx\r\n") == "STORED\r\nSTORED\r\n");
    CHECK(listener.line() == "SET a=x");
    std::string reply;
    one.stream().write("set a 0 0 1\r\ny\r\nquit\r\n", reply);
    CHECK(count_of("ERROR", reply + one.until_closed()) == 1);
    CHECK(two.get("a") == "x");
}

TEST_CASE("memcached node: the largest item changes while it runs") {
    MemcachedNode node({}, "item: 1KiB, ");
    CacheClient client = node.connect();
    const std::string half(1000, 'x');
    const std::string join = "append a 0 0 1000\r\n" + half + "\r\n";
    CHECK(client.set("a", half + half) == "SERVER_ERROR object too large for cache");
    CHECK(client.set("a", half) == "STORED");
    CHECK(client.ask(join) == "NOT_STORED\r\n");
    rewrite(node.node(), "item: 1KiB", "item: 2KiB");
    node.node().signal(SIGHUP);
    node.node().wait_for("reloaded");
    CHECK(client.ask(join) == "STORED\r\n");
    CHECK(client.get("a") == half + half);
    CHECK(client.set("b", half + half) == "STORED");
}

TEST_CASE("memcached node: a file of users that comes later holds for those who are there") {
    const TemporaryDirectory files;
    const auto users = files.write("users.txt", "one:1\n").string();
    MemcachedNode node({}, "idle_timeout: 0s, ");
    CacheClient early = node.connect();
    CHECK(early.ask("set a 0 0 1\r\nx\r\n") == "STORED\r\n");
    rewrite(node.node(), "idle_timeout: 0s,", "auth_file: " + users + ",");
    node.node().signal(SIGHUP);
    node.node().wait_for("reloaded");
    CHECK(first_line(node.connect(), "get a\r\n") == "CLIENT_ERROR unauthenticated");
    std::string reply;
    early.stream().write("get a\r\nflush_all\r\nset a 0 0 1\r\ny\r\nquit\r\n", reply);
    CHECK(count_of("CLIENT_ERROR permission denied", reply + early.until_closed()) == 3);
    CacheClient one = node.connect();
    CHECK(one.ask(login("one 1") + "get a\r\n") == "STORED\r\nVALUE a 0 1\r\nx\r\nEND\r\n");
}

TEST_CASE("memcached node: its connections count against limits.connections") {
    MemcachedNode node({.more = "limits: {connections: 2}\n"});
    CacheClient one = node.connect();
    CacheClient two = node.connect();
    CHECK(one.get("a") == "(nothing)");
    CHECK(two.get("a") == "(nothing)");
    CHECK(node.connect().until_closed() == "ERROR Too many open connections\r\n");
    node.node().wait_for("too_many_connections");
    CHECK(stat(std::move(one), "rejected_connections") == "1");
}

TEST_CASE("memcached node: an address that guesses is not heard for a while, others are") {
    const TemporaryDirectory files;
    const auto users = files.write("users.txt", "all:a\n").string();
    MemcachedNode node({}, "auth_file: " + users + ", ");
    const auto answer = [](CacheClient client, const std::string& name_and_password) {
        return first_line(std::move(client), login(name_and_password));
    };
    const std::string wrong = "CLIENT_ERROR authentication failure";
    const std::string delayed =
        "SERVER_ERROR too many failed logins from this address, try again later";
    // Longer after each guess: on a slow machine, too, one comes too early at last.
    int guesses = 0;
    while (answer(node.connect_tcp(), "all a") != delayed) {
        REQUIRE(guesses < 16);
        CHECK(answer(node.connect_tcp(), "all guess" + std::to_string(guesses++)) == wrong);
    }
    CHECK(guesses >= 5);
    node.node().wait_for("warning login_delayed client=tcp:127.0.0.1:");
    CHECK(answer(node.connect(), "all a") == "STORED");
    const auto deadline = deadline_from_now();
    while (answer(node.connect_tcp(), "all a") == delayed) {
        REQUIRE(milliseconds_until(deadline) > 0);
    }
}

TEST_CASE("memcached node: a client that has an old password keeps nobody at its address out") {
    const TemporaryDirectory files;
    const auto users = files.write("users.txt", "all:new\n").string();
    MemcachedNode node({}, "auth_file: " + users + ", ");
    const std::string wrong = "CLIENT_ERROR authentication failure";
    for (int i = 0; i < 30; ++i) CHECK(first_line(node.connect_tcp(), login("all old")) == wrong);
    CHECK(first_line(node.connect_tcp(), login("all new")) == "STORED");
}

TEST_CASE("memcached node: those who do not log in leave room for those who do") {
    const TemporaryDirectory files;
    const auto users = files.write("users.txt", "all:a\n").string();
    MemcachedNode node({.more = "limits: {unauthenticated: 2}\n"}, "auth_file: " + users + ", ");
    LineClient member = node.node().log_in();  // has left the strangers
    CacheClient first = node.connect();
    CHECK(first.ask(login("all a")) == "STORED\r\n");  // and so has this one
    const auto stranger = [](CacheClient client) {
        CHECK(first_line(client, "get a\r\n") == "CLIENT_ERROR unauthenticated");
        return client;
    };
    CacheClient second = stranger(node.connect());
    CacheClient third = stranger(node.connect_tcp());
    const std::string full = "ERROR Too many connections that have not logged in\r\n";
    CHECK(node.connect().until_closed() == full);
    CHECK(node.node().connect().line().starts_with("OVERHEAD E too_many_unauthenticated"));
    node.node().wait_for("warning too_many_unauthenticated", 2);
    CHECK(second.ask(login("all a") + "get a\r\n") == "STORED\r\nEND\r\n");
    const CacheClient fourth = stranger(node.connect());  // in the place that the second has left
    CHECK(node.connect().until_closed() == full);
    third.stream().close();
    while (node.node().connect().line().starts_with("OVERHEAD E too_many_unauthenticated")) {
    }
    CHECK(stat(std::move(first), "rejected_connections") != "0");
    CHECK(member.flush() == "");
}

TEST_CASE("memcached node: who makes no TLS handshake is a stranger, who has made it is none") {
    const int port = free_port();
    NodeProcess node(
        {.more = "limits: {unauthenticated: 1}\nmemcached: {listen: \"tls://127.0.0.1:" +
                 std::to_string(port) + "\"}\n"});
    const auto handshake = [&] {
        Stream stream = Stream::to_tcp("127.0.0.1", port);
        stream.start_tls({.ca = certificates().ca.string()});
        return CacheClient(std::move(stream));
    };
    CacheClient first = handshake();
    CHECK(first.get("a") == "(nothing)");
    const Stream silent = Stream::to_tcp("127.0.0.1", port);
    CHECK(CacheClient(Stream::to_tcp("127.0.0.1", port)).until_closed() == "");
    node.wait_for("warning too_many_unauthenticated");
    CHECK(first.get("a") == "(nothing)");
}

TEST_CASE("memcached node: it ends in good order with its clients connected") {
    MemcachedNode node;
    CacheClient client = node.connect_tcp();
    client.set("a", "x");
    CHECK(node.node().stop() == 0);
    CHECK(client.until_closed() == "");
    CHECK_FALSE(std::filesystem::exists(node.socket()));
    node.node().start();
    CHECK(node.connect().get("a") == "(nothing)");
}

TEST_CASE("memcached node: shutdown ends it if the configuration allows that") {
    MemcachedNode node({}, "shutdown: true, ");
    CacheClient client = node.connect();
    std::string reply;
    client.stream().write("shutdown\r\n", reply);
    CHECK(client.until_closed() == "");
    CHECK(node.node().wait() == 0);
}

TEST_CASE("memcached node: flush_all can be forbidden") {
    MemcachedNode node({}, "flush_all: false, ");
    CHECK(node.connect().ask("flush_all\r\n").starts_with("CLIENT_ERROR"));
}

TEST_CASE("memcached node: --check finds what cannot be read") {
    const TemporaryDirectory files;
    const auto check = [&](const std::string& memcached) {
        const auto file = files.write(
            "node.yaml", "users: {name: a, password: b}\nmemcached: {" + memcached + "}\n");
        return run_clacksd({"--check", "--config", file.string()});
    };
    CHECK(check("listen: unix:m.sock").code == 0);
    const auto missing = check("listen: unix:m.sock, auth_file: none.txt");
    CHECK(missing.code == 2);
    CHECK(missing.errors.find("node.yaml:2: cannot read the users of memcached in") !=
          std::string::npos);
    files.write("users.txt", "no colon\n");
    CHECK(check("listen: unix:m.sock, auth_file: users.txt").errors.find("line 1") !=
          std::string::npos);
    const auto no_ca = files.write(
        "node.yaml",
        "tls: {certificate: " + certificates().certificate.string() +
            ", key: " + certificates().key.string() +
            ", ca: none.crt}\n"
            "users: [{name: a, password: b}, {name: c, certificate: d}]\n"
            "memcached: {listen: {tls: \"127.0.0.1:11211\", client_certificates: require}}\n");
    CHECK(run_clacksd({"--check", "--config", no_ca.string()})
              .errors.find("node.yaml:1: cannot read the CA certificate") != std::string::npos);
    CHECK(check("listen: unix:nowhere/m.sock").errors.find("there is no directory") !=
          std::string::npos);
}
