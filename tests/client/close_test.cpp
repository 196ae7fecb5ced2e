#include <doctest/doctest.h>

#include "tests/client/print.hpp"
#include "tests/client/running.hpp"

using clacks::Errc;
using namespace std::chrono_literals;

TEST_CASE("client: close sends what is queued, then QUIT, then closes") {
    FakeNode node;
    Running client(node.options());
    Peer peer = connects(client, node);
    auto received = client->async_receive(later);
    auto retrieved = client->async_retrieve("a", later);
    CHECK_FALSE(client->store("a", "1"));
    client->close();
    client->close();
    CHECK(error_of(std::move(received)) == Errc::closed);
    CHECK(error_of(std::move(retrieved)) == Errc::closed);
    CHECK(peer.reads(4) == "RETRIEVE a | FLUSH c1 | STORE a=1 | QUIT");
    peer.closes();

    CHECK(client->notify("a") == Errc::closed);
    CHECK(client->listen("a") == Errc::closed);
    CHECK(error_of(client->async_retrieve("a", later)) == Errc::closed);
    CHECK(error_of(client->async_receive(later)) == Errc::closed);
    CHECK(error_of(client->async_connect(later)) == Errc::closed);
}

TEST_CASE("client: close lasts no longer than its timeout") {
    FakeNode node;
    auto options = node.options();
    options.close_timeout = 20ms;
    Running client(options);
    Peer peer = connects(client, node);
    client->close();
    CHECK(peer.reads(2) == "QUIT | (closed)");  // though the peer does not close
}

TEST_CASE("client: messages that came before close may still be taken") {
    FakeNode node;
    Running client(node.options());
    Peer peer = connects(client, node);
    auto flushed = client->async_flush(later);
    peer.says("NOTIFY a\nFLUSHED c1\n");
    outcome(std::move(flushed));
    client->close();
    CHECK(print(outcome(client->async_receive(later))) == "notify a");
    CHECK(error_of(client->async_receive(later)) == Errc::closed);
}

TEST_CASE("client: close ends a connect that is under way") {
    FakeNode node;
    Running client(node.options());
    auto connected = client->async_connect(later);
    Peer peer = node.accepts();
    client->close();
    CHECK(error_of(std::move(connected)) == Errc::closed);
}

TEST_CASE("client: close right after connect does not connect") {
    FakeNode node;
    for (int i = 0; i < 20; ++i) {
        Running client(node.options());
        auto connected = client->async_connect(later);
        client->close();
        CHECK(error_of(std::move(connected)) == Errc::closed);
    }
}

TEST_CASE("client: close ends the waiting between two attempts") {
    FakeNode node;
    auto options = node.options();
    options.reconnect_delay = options.reconnect_delay_max = std::chrono::hours(1);
    Running client(options);
    Peer peer = connects(client, node);
    peer.closes();
    CHECK(print(outcome(client->async_receive(later))) == "disconnected");
    client->close();  // else the end of this test waits an hour
    CHECK(error_of(client->async_receive(later)) == Errc::closed);
}

TEST_CASE("client: the destructor sends what is queued") {
    FakeNode node;
    Running client(node.options());
    Peer peer = connects(client, node);
    auto retrieved = client->async_retrieve("a", later);
    CHECK_FALSE(client->store("a", "1"));
    client.destroy_client();
    CHECK(peer.reads(4) == "RETRIEVE a | FLUSH c1 | STORE a=1 | QUIT");
    CHECK(error_of(std::move(retrieved)) == Errc::closed);
}

TEST_CASE("client: an event loop that is destroyed takes the client's work with it") {
    FakeNode node;
    boost::asio::io_context io;
    clacks::Client client(io.get_executor(), node.options());
    bool called = false;
    client.async_connect([&](clacks::error_code) { called = true; });
    client.async_receive([&](clacks::error_code, const clacks::Message&) { called = true; });
    io.poll();
    CHECK_FALSE(called);
}
