#include <doctest/doctest.h>

#include <boost/asio/error.hpp>

#include "tests/client/print.hpp"
#include "tests/client/running.hpp"

using clacks::Errc;
using clacks::error_code;
using namespace std::chrono_literals;

TEST_CASE("client: connects and logs in without waiting for the greeting") {
    FakeNode node;
    Running client(node.options());
    CHECK_FALSE(client->is_connected());
    auto connected = client->async_connect(later);
    Peer peer = node.accepts();
    CHECK(peer.welcomes() == "CLACKS test | OVERHEAD A bWU=:c2VjcmV0");
    outcome(std::move(connected));
    CHECK(client->is_connected());
    CHECK(client->diagnostic() == "");
}

TEST_CASE("client: the user of the options goes before that of the url") {
    FakeNode node;
    auto options = node.options();
    options.user = "other";
    Running client(options);
    auto connected = client->async_connect(later);
    CHECK(node.accepts().welcomes() == "CLACKS test | OVERHEAD A b3RoZXI=:c2VjcmV0");
}

TEST_CASE("client: a failed login ends it, with the node's words") {
    FakeNode node;
    auto options = node.options();
    options.keep_trying = true;
    Running client(options);
    auto connected = client->async_connect(later);
    auto received = client->async_receive(later);
    auto retrieved = client->async_retrieve("a", later);
    Peer peer = node.accepts();
    peer.says("CLACKS node\nOVERHEAD F Login failed!\n");
    CHECK(error_of(std::move(connected)) == Errc::login_failed);
    CHECK(error_of(std::move(received)) == Errc::login_failed);
    CHECK(error_of(std::move(retrieved)) == Errc::login_failed);
    CHECK(client->notify("a") == Errc::login_failed);
    CHECK(error_of(client->async_flush(later)) == Errc::login_failed);
    CHECK(client->diagnostic().ends_with("node.sock: Login failed!"));

    const Peer again = connects(client, node);
    CHECK(client->notify("a") == error_code());
}

TEST_CASE(
    "client: what was asked before goes out with the login, and the node may answer all at once") {
    FakeNode node;
    Running client(node.options());
    CHECK_FALSE(client->store("a", "1"));
    auto retrieved = client->async_retrieve("a", later);
    auto flushed = client->async_flush(later);
    auto connected = client->async_connect(later);
    Peer peer = node.accepts();
    CHECK(peer.reads(8) ==
          "CLACKS test | OVERHEAD A bWU=:c2VjcmV0 | FEATURES | FLUSH c0 | STORE a=1 | RETRIEVE a | "
          "FLUSH c1 | FLUSH c2");
    peer.says(
        "CLACKS node\nOVERHEAD M Authentication required\nOVERHEAD O Welcome!\nFEATURES gaps\n"
        "FLUSHED c0\nRETRIEVED a=1\nFLUSHED c1\nFLUSHED c2\n");
    outcome(std::move(connected));
    CHECK(outcome(std::move(retrieved)) == "1");
    outcome(std::move(flushed));
}

TEST_CASE("client: a failed login fails what went with it, and the next connect says it again") {
    FakeNode node;
    Running client(node.options());
    CHECK_FALSE(client->store("a", "1"));
    auto flushed = client->async_flush(later);
    auto connected = client->async_connect(later);
    Peer peer = node.accepts();
    peer.reads(6);
    peer.says("CLACKS node\nOVERHEAD F Login failed!\n");
    CHECK(error_of(std::move(connected)) == Errc::login_failed);
    CHECK(error_of(std::move(flushed)) == Errc::login_failed);
    Peer again = connects(client, node);
    CHECK(again.reads(2) == "STORE a=1 | FLUSH c1");
}

TEST_CASE("client: attempts that are repeated lose nothing to a node that does not welcome them") {
    FakeNode node;
    auto options = node.options();
    options.keep_trying = true;
    Running client(options);
    CHECK_FALSE(client->store("a", "1"));
    auto connected = client->async_connect(later);
    Peer refuses = node.accepts();
    refuses.reads(4);
    refuses.closes();
    Peer welcomes = node.accepts();
    welcomes.welcomes();
    outcome(std::move(connected));
    CHECK(welcomes.reads() == "STORE a=1");
    CHECK_FALSE(client->store("b", "2"));
    CHECK(welcomes.reads() == "STORE b=2");
    welcomes.closes();
    CHECK(print(outcome(client->async_receive(later))) == "disconnected");
    CHECK_FALSE(client->store("c", "3"));
    Peer reconnected = node.accepts();
    reconnected.reads(4);
    reconnected.closes();
    Peer back = node.accepts();
    back.welcomes();
    CHECK(back.reads() == "STORE c=3");
}

TEST_CASE("client: a node that is full is tried again, and its words are told") {
    FakeNode node;
    auto options = node.options();
    options.keep_trying = true;
    Running client(options);
    auto connected = client->async_connect(later);
    node.accepts().says("OVERHEAD E too_many_connections limit=2 (limits.connections)\n\nQUIT\n");
    Peer peer = node.accepts();
    CHECK(client->diagnostic().ends_with(
        "node.sock: too_many_connections limit=2 (limits.connections)"));
    peer.welcomes();
    outcome(std::move(connected));
}

TEST_CASE("client: one that keeps trying comes back when a delayed login may be tried again") {
    FakeNode node;
    auto options = node.options();
    options.keep_trying = true;
    Running client(options);
    auto connected = client->async_connect(later);
    Peer peer = node.accepts();
    const auto told = std::chrono::steady_clock::now();
    peer.says("CLACKS node\nOVERHEAD E login_delayed seconds=1 (because)\n\nQUIT\n");
    Peer again = node.accepts();
    CHECK(std::chrono::steady_clock::now() - told >= 1s);
    again.welcomes();
    outcome(std::move(connected));
    CHECK(client->is_connected());
}

TEST_CASE("client: one that does not is told that its login was not looked at") {
    FakeNode node;
    Running client(node.options());
    auto connected = client->async_connect(later);
    Peer peer = node.accepts();
    peer.says("CLACKS node\nOVERHEAD E login_delayed seconds=9 (because)\n\nQUIT\n");
    CHECK(error_of(std::move(connected)) == Errc::login_delayed);
    CHECK(client->diagnostic().ends_with("login_delayed seconds=9 (because)"));
}

TEST_CASE("client: who does not greet with CLACKS is not listened to") {
    FakeNode node;
    Running client(node.options());
    auto connected = client->async_connect(later);
    Peer peer = node.accepts();
    peer.says("220 mail.example ESMTP\nCLACKS node\nOVERHEAD O Welcome!\n");
    CHECK(error_of(std::move(connected)) == Errc::not_clacks);
    CHECK(client->diagnostic().ends_with("the first line was '220 mail.example ESMTP'"));
    CHECK_FALSE(client->is_connected());
}

TEST_CASE("client: the welcome may come after the first message") {
    FakeNode node;
    Running client(node.options());
    CHECK_FALSE(client->listen("a"));
    auto connected = client->async_connect(later);
    Peer peer = node.accepts();
    CHECK(peer.reads(5) ==
          "CLACKS test | OVERHEAD A bWU=:c2VjcmV0 | FEATURES | FLUSH c0 | LISTEN a");
    peer.says("CLACKS node\nOVERHEAD M Authentication required\nSET a=1\n");
    outcome(std::move(connected));
    peer.says("OVERHEAD O Welcome!\nSET a=2\n");
    CHECK(print(outcome(client->async_receive(later))) == "set a=1");
    CHECK(print(outcome(client->async_receive(later))) == "set a=2");
}

TEST_CASE("client: a node that says nothing is given up in time") {
    FakeNode node;
    auto options = node.options();
    options.login_timeout = 20ms;
    Running client(options);
    auto connected = client->async_connect(later);
    Peer peer = node.accepts();
    CHECK(error_of(std::move(connected)) == Errc::no_greeting);
    CHECK(client->diagnostic().ends_with("connected, but no greeting came"));
}

TEST_CASE("client: a node that is not there is an error of the socket") {
    FakeNode node;
    node.stops();
    Running client(node.options());
    CHECK(error_of(client->async_connect(later)) == boost::system::errc::no_such_file_or_directory);
    CHECK(client->diagnostic().ends_with("node.sock: No such file or directory"));
}

TEST_CASE("client: keep_trying waits for a node that is not there yet") {
    FakeNode node;
    node.stops();
    auto options = node.options();
    options.keep_trying = true;
    Running client(options);
    auto connected = client->async_connect(later);
    auto retrieved = client->async_retrieve("a", later);
    CHECK_FALSE(client->store("a", "1"));
    node.restarts();
    Peer peer = node.accepts();
    peer.welcomes();
    outcome(std::move(connected));
    CHECK(peer.reads(3) == "RETRIEVE a | FLUSH c1 | STORE a=1");
}

TEST_CASE("client: keep_trying goes on when the node closes before the welcome") {
    FakeNode node;
    auto options = node.options();
    options.keep_trying = true;
    Running client(options);
    auto connected = client->async_connect(later);
    node.accepts().closes();
    Peer peer = node.accepts();
    peer.welcomes();
    outcome(std::move(connected));
}

TEST_CASE("client: options that cannot work are told at once") {
    struct Row {
        const char* url;
        error_code error;
    };
    const Row rows[] = {
        {"http://localhost", Errc::invalid_url},
        {"tls://me:password@localhost", Errc::invalid_url},
    };
    for (const Row& row : rows) {
        CAPTURE(row.url);
        Running client({.url = row.url, .keep_trying = true});
        auto retrieved = client->async_retrieve("a", later);
        CHECK(error_of(client->async_connect(later)) == row.error);
        CHECK(error_of(std::move(retrieved)) == row.error);
        CHECK(client->notify("a") == row.error);
        const bool secret = std::string_view(row.url).find('@') != std::string_view::npos;
        CHECK(client->diagnostic().starts_with(row.url) == !secret);
        CHECK(client->diagnostic().find("password@") == std::string::npos);
    }
    Running long_path({.url = "unix:///" + std::string(200, 'x')});
    CHECK(error_of(long_path->async_connect(later)) == boost::asio::error::name_too_long);
}

TEST_CASE("client: a second connect is refused while the first stands") {
    FakeNode node;
    Running client(node.options());
    auto connected = client->async_connect(later);
    CHECK(error_of(client->async_connect(later)) == Errc::already_connected);
    Peer peer = node.accepts();
    peer.welcomes();
    outcome(std::move(connected));
    CHECK(error_of(client->async_connect(later)) == Errc::already_connected);
    CHECK(client->is_connected());
}
