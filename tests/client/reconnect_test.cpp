#include <doctest/doctest.h>

#include "tests/client/print.hpp"
#include "tests/client/running.hpp"

using clacks::Errc;
using clacks::error_code;
using namespace std::chrono_literals;

TEST_CASE("client: reconnects, listens again and tells both") {
    FakeNode node;
    Running client(node.options());
    Peer first = connects(client, node);
    CHECK_FALSE(client->listen("b"));
    CHECK_FALSE(client->listen("a"));
    CHECK_FALSE(client->monitor());
    CHECK(first.reads(3) == "LISTEN b | LISTEN a | MONITOR");
    first.closes();
    const auto lost = outcome(client->async_receive(later));
    CHECK(print(lost) == "disconnected");
    CHECK(lost.value.ends_with("node.sock: the node closed the connection"));

    Peer second = node.accepts();
    CHECK(second.welcomes() == "CLACKS test | OVERHEAD A bWU=:c2VjcmV0");
    CHECK(second.reads(3) == "LISTEN a | LISTEN b | MONITOR");
    CHECK(print(outcome(client->async_receive(later))) == "reconnected");
    CHECK(client->is_connected());
}

TEST_CASE("client: keeps trying until the node is back") {
    FakeNode node;
    Running client(node.options());
    Peer first = connects(client, node);
    node.stops();
    first.says("\nQUIT\n");
    CHECK(print(outcome(client->async_receive(later))) == "disconnected");
    CHECK_FALSE(client->is_connected());
    node.restarts();
    node.accepts().says("HTTP/1.1 400 Bad Request\n");  // a stranger for a while
    Peer second = node.accepts();
    second.welcomes();
    CHECK(print(outcome(client->async_receive(later))) == "reconnected");
}

TEST_CASE("client: a login that fails on reconnect ends it") {
    FakeNode node;
    Running client(node.options());
    Peer first = connects(client, node);
    first.closes();
    CHECK(print(outcome(client->async_receive(later))) == "disconnected");
    Peer second = node.accepts();
    second.says("CLACKS node\nOVERHEAD F Login failed!\n");
    CHECK(error_of(client->async_receive(later)) == Errc::login_failed);
}

TEST_CASE("client: a retrieve on the way is asked again, a flush fails") {
    FakeNode node;
    Running client(node.options());
    Peer first = connects(client, node);
    auto retrieved = client->async_retrieve("a", later);
    auto flushed = client->async_flush(later);
    CHECK(first.reads(3) == "RETRIEVE a | FLUSH c1 | FLUSH c2");
    first.closes();
    CHECK(error_of(std::move(flushed)) == Errc::disconnected);
    Peer second = node.accepts();
    second.welcomes();
    CHECK(second.reads(2) == "RETRIEVE a | FLUSH c1");
    second.says("RETRIEVED a=1\nFLUSHED c1\n");
    CHECK(outcome(std::move(retrieved)) == "1");
}

TEST_CASE("client: offline commands are queued up to the bound, and then refused") {
    FakeNode node;
    auto options = node.options();
    options.output_bytes = 1000;
    Running client(options);
    Peer first = connects(client, node);
    node.stops();
    first.closes();
    CHECK(print(outcome(client->async_receive(later))) == "disconnected");

    int accepted = 0;
    while (client->store("k", std::to_string(accepted)) == error_code()) ++accepted;
    CHECK(client->store("k", "x") == Errc::queue_full);
    CHECK(client->notify("k") == Errc::queue_full);
    CHECK(accepted > 50);

    node.restarts();
    Peer second = node.accepts();
    second.welcomes();
    for (int i = 0; i < accepted; ++i) REQUIRE(second.reads() == "STORE k=" + std::to_string(i));
    auto flushed = client->async_flush(later);
    CHECK(second.reads().starts_with("FLUSH c"));
    second.says("FLUSHED c1\n");
    outcome(std::move(flushed));
    CHECK(client->store("k", "x") == error_code());
}

TEST_CASE("client: a silent node is left for a new connection") {
    FakeNode node;
    auto options = node.options();
    options.silence_timeout = 30ms;
    Running client(options);
    Peer first = connects(client, node);
    const auto lost = outcome(client->async_receive(later));
    CHECK(print(lost) == "disconnected");
    CHECK(lost.value.ends_with("the node fell silent"));
    CHECK(first.reads() == "(closed)");
    node.accepts();
}

TEST_CASE("client: without reconnect a loss ends it, until the next connect") {
    FakeNode node;
    auto options = node.options();
    options.reconnect = false;
    Running client(options);
    Peer first = connects(client, node);
    auto retrieved = client->async_retrieve("a", later);
    first.reads(2);
    first.closes();
    CHECK(error_of(std::move(retrieved)) == Errc::disconnected);
    CHECK(print(outcome(client->async_receive(later))) == "disconnected");
    CHECK(error_of(client->async_receive(later)) == Errc::disconnected);
    CHECK(client->notify("a") == Errc::disconnected);
    const Peer peer = connects(client, node);
    CHECK(client->notify("a") == error_code());
}
