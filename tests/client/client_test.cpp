#include <doctest/doctest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include "tests/client/print.hpp"
#include "tests/client/running.hpp"

namespace asio = boost::asio;
using clacks::Client;
using clacks::Errc;
using clacks::error_code;
using namespace std::chrono_literals;

TEST_CASE("client: commands arrive in order, messages too") {
    FakeNode node;
    Running client(node.options());
    Peer peer = connects(client, node);
    CHECK_FALSE(client->listen("l"));
    CHECK_FALSE(client->notify("n"));
    CHECK_FALSE(client->set("a", "1"));
    CHECK_FALSE(client->set_and_store("b", "two\nlines"));
    CHECK_FALSE(client->store("c", ""));
    CHECK_FALSE(client->store_yaml("y", "[1]"));
    CHECK_FALSE(client->remove("d"));
    CHECK_FALSE(client->increment("e"));
    CHECK_FALSE(client->decrement("e", 0.5));
    CHECK_FALSE(client->monitor());
    CHECK_FALSE(client->unmonitor());
    CHECK_FALSE(client->unlisten("l"));
    CHECK_FALSE(client->clear_cache());
    CHECK(peer.reads(13) ==
          "LISTEN l | NOTIFY n | SET a=1 | SETANDSTORE b=PAGECAMELCLACKSB64:dHdvCmxpbmVz | "
          "STORE c= | STORE y=PAGECAMELCLACKSYAMLB64:WzFd | REMOVE d | INCREMENT e=1 | DECREMENT "
          "e=0.5 | MONITOR | UNMONITOR | "
          "UNLISTEN l | CLEARCACHE");

    peer.says(
        "SET a=PAGECAMELCLACKSB64:dHdvCmxpbmVz\nNOTIFY n\nDEBUG x:1=SET a=1\n"
        "OVERHEAD E permission_denied\n");
    CHECK(print(outcome(client->async_receive(later))) == "set a=two\nlines");
    CHECK(print(outcome(client->async_receive(later))) == "notify n");
    CHECK(print(outcome(client->async_receive(later))) == "debug x:1=SET a=1");
    CHECK(print(outcome(client->async_receive(later))) == "error permission_denied");
    CHECK(print(client->try_receive()) == "nothing");
}

TEST_CASE("client: several receives are served in order") {
    FakeNode node;
    Running client(node.options());
    Peer peer = connects(client, node);
    auto first = client->async_receive(later);
    auto second = client->async_receive(later);
    peer.says("NOTIFY a\nNOTIFY b\n");
    CHECK(print(outcome(std::move(first))) == "notify a");
    CHECK(print(outcome(std::move(second))) == "notify b");
}

TEST_CASE("client: retrieve, keys and flush are answered") {
    FakeNode node;
    Running client(node.options());
    Peer peer = connects(client, node);
    auto there = client->async_retrieve("a", later);
    auto missing = client->async_retrieve("b", later);
    auto keys = client->async_keys(later);
    auto flushed = client->async_flush(later);
    CHECK(peer.reads(7) ==
          "RETRIEVE a | FLUSH c1 | RETRIEVE b | FLUSH c2 | KEYLIST | FLUSH c3 | FLUSH c4");
    peer.says(
        "RETRIEVED a=1\nFLUSHED c1\nNOTRETRIEVED b\nFLUSHED c2\n"
        "KEYLISTSTART\nKEY a\nKEY z\nKEYLISTEND\nFLUSHED c3\nFLUSHED c4\n");
    CHECK(outcome(std::move(there)) == "1");
    CHECK(outcome(std::move(missing)) == std::nullopt);
    CHECK(outcome(std::move(keys)) == std::vector<std::string>{"a", "z"});
    outcome(std::move(flushed));
}

TEST_CASE("client: a refused request fails with the reason, the others go on") {
    FakeNode node;
    Running client(node.options());
    Peer peer = connects(client, node);
    auto denied = client->async_retrieve("a", later);
    auto refused = client->async_keys(later);
    auto fine = client->async_retrieve("a", later);
    peer.reads(6);
    peer.says("OVERHEAD E permission_denied\nFLUSHED c1\n");
    CHECK(error_of(std::move(denied)) == Errc::permission_denied);
    CHECK(client->diagnostic() == "permission_denied");
    peer.says("OVERHEAD E busy\nFLUSHED c2\nRETRIEVED a=1\n");
    CHECK(error_of(std::move(refused)) == Errc::refused);
    CHECK(outcome(std::move(fine)) == "1");
    CHECK(client->diagnostic() == "busy");
}

TEST_CASE("client: a request fails at once when its name is none") {
    FakeNode node;
    Running client(node.options());
    CHECK(error_of(client->async_retrieve("a b", later)) == Errc::invalid_name);
    CHECK(client->store("", "1") == Errc::invalid_name);
    CHECK(client->increment("a", clacks::Step(std::string("x"))) == Errc::invalid_step);
}

TEST_CASE("client: an answer that does not come is a timeout") {
    FakeNode node;
    auto options = node.options();
    options.reply_timeout = 20ms;
    Running client(options);
    CHECK(error_of(client->async_retrieve("a", later)) == Errc::timeout);
    Peer peer = connects(client, node);
    auto flushed = client->async_flush(later);
    CHECK(error_of(std::move(flushed)) == Errc::timeout);
    CHECK(client->diagnostic() == "no answer to FLUSH in time");
}

TEST_CASE("client: PING is sent every interval") {
    FakeNode node;
    auto options = node.options();
    options.ping_interval = 5ms;
    Running client(options);
    Peer peer = connects(client, node);
    CHECK(peer.reads(3) == "PING | PING | PING");
}

TEST_CASE("client: a slow reader loses nothing, and stops the node meanwhile") {
    FakeNode node;
    auto options = node.options();
    options.received_bytes = 2000;
    Running client(options);
    Peer peer = connects(client, node);
    constexpr int count = 100'000;  // more than the buffers on the way hold
    std::thread speaker([&] {
        std::string lines;
        for (int i = 0; i < count; ++i) lines += "SET a=" + std::to_string(i) + "\n";
        peer.says(lines);
    });
    int in_order = 0;
    for (int i = 0; i < count; ++i) {
        auto message = client->try_receive();
        if (!message) message = outcome(client->async_receive(later));
        in_order += message->value == std::to_string(i) ? 1 : 0;
    }
    speaker.join();
    CHECK(in_order == count);
}

TEST_CASE("client: a receive that is cancelled leaves the message to the next") {
    FakeNode node;
    Running client(node.options());
    Peer peer = connects(client, node);
    asio::cancellation_signal signal;
    std::promise<error_code> ended;
    client->async_receive(asio::bind_cancellation_slot(
        signal.slot(), [&](error_code error, const clacks::Message&) { ended.set_value(error); }));
    asio::post(client.io(), [&] { signal.emit(asio::cancellation_type::terminal); });
    CHECK(settled(ended.get_future()) == asio::error::operation_aborted);
    peer.says("NOTIFY a\n");
    CHECK(print(outcome(client->async_receive(later))) == "notify a");
}

TEST_CASE("client: a request that is cancelled ends, and its answer is nobody's") {
    FakeNode node;
    Running client(node.options());
    Peer peer = connects(client, node);
    asio::cancellation_signal signal;
    std::promise<error_code> ended;
    client->async_retrieve(
        "a", asio::bind_cancellation_slot(signal.slot(),
                                          [&](error_code error, const std::optional<std::string>&) {
                                              ended.set_value(error);
                                          }));
    peer.reads(2);
    asio::post(client.io(), [&] { signal.emit(asio::cancellation_type::all); });
    CHECK(settled(ended.get_future()) == asio::error::operation_aborted);
    auto again = client->async_retrieve("a", later);
    peer.says("RETRIEVED a=old\nFLUSHED c1\nRETRIEVED a=new\nFLUSHED c2\n");
    CHECK(outcome(std::move(again)) == "new");
}

TEST_CASE("client: a connect that is cancelled may be tried again") {
    FakeNode node;
    Running client(node.options());
    asio::cancellation_signal signal;
    std::promise<error_code> ended;
    client->async_connect(asio::bind_cancellation_slot(
        signal.slot(), [&](error_code error) { ended.set_value(error); }));
    Peer silent = node.accepts();
    asio::post(client.io(), [&] { signal.emit(asio::cancellation_type::total); });
    CHECK(settled(ended.get_future()) == asio::error::operation_aborted);
    while (silent.reads() != "(closed)") {  // the login, if that was sent before
    }
    const Peer peer = connects(client, node);
    CHECK(client->is_connected());
}

TEST_CASE("client: works with coroutines, and with deferred operations") {
    FakeNode node;
    Running client(node.options());
    auto talk = [](Client& c) -> asio::awaitable<std::string> {
        co_await c.async_connect(asio::use_awaitable);
        const auto value = co_await c.async_retrieve("a", asio::deferred);
        co_await c.async_flush(asio::use_awaitable);
        const auto message = co_await c.async_receive(asio::use_awaitable);
        co_return value.value_or("none") + ", " + print(message);
    };
    auto said = asio::co_spawn(client.io(), talk(*client), asio::use_future);
    Peer peer = node.accepts();
    peer.welcomes();
    CHECK(peer.reads(2) == "RETRIEVE a | FLUSH c1");
    peer.says("RETRIEVED a=1\nFLUSHED c1\n");
    CHECK(peer.reads() == "FLUSH c2");
    peer.says("FLUSHED c2\nNOTIFY n\n");
    CHECK(settled(std::move(said)) == "1, notify n");
}

TEST_CASE("client: handlers run on their own executor, never inside the call") {
    FakeNode node;
    asio::io_context other;
    Running client(node.options());
    bool called = false;
    auto strand = asio::make_strand(other);
    client->async_retrieve("a b", asio::bind_executor(strand, [&](error_code error, auto) {
                               called =
                                   strand.running_in_this_thread() && error == Errc::invalid_name;
                           }));
    CHECK_FALSE(called);
    other.run();  // returns when the handler has run: the pending call keeps it at work
    CHECK(called);
}
