// What only clacksd offers, through the asynchronous client.
#include <doctest/doctest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include "tests/client/print.hpp"
#include "tests/client/running.hpp"

namespace asio = boost::asio;
using clacks::Condition;
using clacks::Errc;
using clacks::Fields;
using clacks::Lifetime;
using clacks::Versioned;
using namespace std::chrono_literals;
using Keys = std::vector<std::string>;

namespace {

/// Connects to a node that is no clacksd.
[[nodiscard]] Peer connects_plainly(Running& client, FakeNode& node) {
    auto connected = client->async_connect(later);
    Peer peer = node.accepts();
    peer.welcomes_plainly();
    outcome(std::move(connected));
    return peer;
}

}  // namespace

TEST_CASE("extensions: each answer has the type that fits it") {
    FakeNode node;
    Running client(node.options());
    Peer peer = connects(client, node);
    CHECK(client->features().contains("keylist_pages"));

    auto many = client->async_retrieve_many({"a", "b"}, later);
    auto versioned = client->async_retrieve_version("a", later);
    auto unversioned = client->async_retrieve_version("b", later);
    auto exists = client->async_exists("a", later);
    auto lifetime = client->async_time_to_live("a", later);
    auto for_ever = client->async_time_to_live("a", later);
    auto lifeless = client->async_time_to_live("b", later);
    peer.reads(14);
    peer.says(
        "RETRIEVED a=1\nNOTRETRIEVED b\nFLUSHED c1\nRETRIEVEDVERSION v a=1\nFLUSHED c2\n"
        "NOTRETRIEVED b\nFLUSHED c3\nEXISTS a=1\nFLUSHED c4\nTTL a=1.500000\nFLUSHED c5\n"
        "TTL a=never\nFLUSHED c6\nNOTRETRIEVED b\nFLUSHED c7\n");
    CHECK(outcome(std::move(many)) == std::vector<std::optional<std::string>>{"1", std::nullopt});
    CHECK(outcome(std::move(versioned)) == Versioned{"1", "v"});
    CHECK(outcome(std::move(unversioned)) == std::nullopt);
    CHECK(outcome(std::move(exists)));
    CHECK(outcome(std::move(lifetime)) == Lifetime{1500ms});
    CHECK(outcome(std::move(for_ever)) == Lifetime{});
    CHECK(outcome(std::move(lifeless)) == std::nullopt);

    auto stored = client->async_store_if(Condition::absent(), "a", "1", later);
    auto not_stored = client->async_store_if(Condition::version("v"), "a", "1", 1s, later);
    auto removed = client->async_remove_if("v", "a", later);
    auto not_removed = client->async_remove_if("w", "a", later);
    auto sum = client->async_increment_and_retrieve("n", 2, later);
    auto difference = client->async_decrement_and_retrieve("n", {}, later);
    peer.reads(12);
    peer.says(
        "STORED v a\nFLUSHED c8\nNOTSTORED a\nFLUSHED c9\nREMOVED a\nFLUSHED c10\nNOTREMOVED a\n"
        "FLUSHED c11\nRETRIEVED n=2\nFLUSHED c12\nRETRIEVED n=1\nFLUSHED c13\n");
    CHECK(outcome(std::move(stored)) == "v");
    CHECK(outcome(std::move(not_stored)) == std::nullopt);
    CHECK(outcome(std::move(removed)));
    CHECK_FALSE(outcome(std::move(not_removed)));
    CHECK(outcome(std::move(sum)) == "2");
    CHECK(outcome(std::move(difference)) == "1");
}

TEST_CASE("extensions: status, tree and clients are fields in the node's order") {
    FakeNode node;
    Running client(node.options());
    Peer peer = connects(client, node);
    auto status = client->async_status(later);
    auto tree = client->async_tree(later);
    auto clients = client->async_clients(later);
    peer.reads(6);
    peer.says(
        "STATUSSTART\nSTATUS name=a=b\nSTATUS keys=3\nSTATUSEND\nFLUSHED c1\n"
        "TREESTART\nTREE id=1;up=;self=1;\nTREE id=2;up=1;\nTREEEND\nFLUSHED c2\n"
        "CLIENTLISTSTART\nCLIENT CID=x:1;CLIENTINFO=me;\nCLIENTLISTEND\nFLUSHED c3\n");
    CHECK(outcome(std::move(status)) == Fields{{"name", "a=b"}, {"keys", "3"}});
    const auto nodes = outcome(std::move(tree));
    CHECK(nodes == std::vector<Fields>{{{"id", "1"}, {"up", ""}, {"self", "1"}},
                                       {{"id", "2"}, {"up", "1"}}});
    CHECK(clacks::field(nodes.at(1), "up") == "1");
    CHECK(clacks::field(nodes.at(1), "self") == "");
    CHECK(outcome(std::move(clients)) ==
          std::vector<Fields>{{{"CID", "x:1"}, {"CLIENTINFO", "me"}}});
}

TEST_CASE("extensions: listen and retrieve gives the value, then the signals") {
    FakeNode node;
    Running client(node.options());
    Peer peer = connects(client, node);
    auto value = client->async_listen_and_retrieve("a", later);
    CHECK(peer.reads(2) == "LISTENANDRETRIEVE a | FLUSH c1");
    peer.says("RETRIEVED a=1\nSET a=2\nFLUSHED c1\n");
    CHECK(outcome(std::move(value)) == "1");
    CHECK(print(outcome(client->async_receive(later))) == "set a=2");
}

TEST_CASE("extensions: keys with a pattern are walked page by page, and sorted") {
    FakeNode node;
    Running client(node.options());
    Peer peer = connects(client, node);
    auto keys = client->async_keys("a*", later);
    CHECK(peer.reads(2) == "KEYLIST a* limit=10000 | FLUSH c1");
    peer.says("KEYLISTSTART\nKEY a3\nKEY a1\nKEYLISTEND after=a1\nFLUSHED c1\n");
    CHECK(peer.reads(2) == "KEYLIST a* limit=10000 after=a1 | FLUSH c2");
    peer.says("KEYLISTSTART\nKEYLISTEND after=x\nFLUSHED c2\n");
    CHECK(peer.reads(2) == "KEYLIST a* limit=10000 after=x | FLUSH c3");
    peer.says("KEYLISTSTART\nKEY a2\nKEYLISTEND\nFLUSHED c3\n");
    CHECK(outcome(std::move(keys)) == Keys{"a1", "a2", "a3"});

    auto page = client->async_key_page({.limit = 1}, later);
    CHECK(peer.reads(2) == "KEYLIST ** limit=1 | FLUSH c4");
    peer.says("KEYLISTSTART\nKEY a2\nKEYLISTEND after=a2\nFLUSHED c4\n");
    CHECK(outcome(std::move(page)) == clacks::KeyPage{{"a2"}, "a2"});
    CHECK(error_of(client->async_keys("**::a", later)) == Errc::invalid_query);
}

TEST_CASE("extensions: a walk that is refused or cancelled on its way ends") {
    FakeNode node;
    Running client(node.options());
    Peer peer = connects(client, node);
    auto refused = client->async_keys("**", later);
    peer.reads(2);
    peer.says("KEYLISTSTART\nKEY a\nKEYLISTEND after=a\nFLUSHED c1\n");
    peer.reads(2);
    peer.says("OVERHEAD E permission_denied\nFLUSHED c2\n");
    CHECK(error_of(std::move(refused)) == Errc::permission_denied);

    asio::cancellation_signal signal;
    std::promise<clacks::error_code> ended;
    client->async_keys("**", asio::bind_cancellation_slot(
                                 signal.slot(), [&](clacks::error_code error, const Keys&) {
                                     ended.set_value(error);
                                 }));
    peer.reads(2);
    peer.says("KEYLISTSTART\nKEY a\nKEYLISTEND after=a\nFLUSHED c3\n");
    peer.reads(2);
    asio::post(client.io(), [&] { signal.emit(asio::cancellation_type::total); });
    CHECK(settled(ended.get_future()) == asio::error::operation_aborted);
}

TEST_CASE("extensions: a plain node lists all keys, and they are picked here") {
    FakeNode node;
    Running client(node.options());
    Peer peer = connects_plainly(client, node);
    CHECK(client->features().empty());
    auto keys = client->async_keys("a::*", later);
    CHECK(peer.reads(2) == "KEYLIST | FLUSH c1");
    peer.says("KEYLISTSTART\nKEY a::2\nKEY a::1\nKEY b\nKEYLISTEND\nFLUSHED c1\n");
    CHECK(outcome(std::move(keys)) == Keys{"a::1", "a::2"});
    CHECK(error_of(client->async_keys("**::a", later)) == Errc::invalid_query);
}

TEST_CASE("extensions: what a plain node cannot do is an error, at once and with words") {
    FakeNode node;
    Running client(node.options());
    const Peer peer = connects_plainly(client, node);
    CHECK(error_of(client->async_exists("a", later)) == Errc::not_supported);
    CHECK(client->diagnostic() == "the node cannot do this: it is no clacksd, or an older one");
    CHECK(client->store_for("a", "1", 1s) == Errc::not_supported);
    CHECK(client->listen("a::**") == Errc::not_supported);
    CHECK(client->monitor({.name = "a"}) == Errc::not_supported);
}

TEST_CASE("extensions: work with coroutines") {
    FakeNode node;
    Running client(node.options());
    auto talk = [](clacks::Client& c) -> asio::awaitable<Keys> {
        co_await c.async_connect(asio::use_awaitable);
        co_return co_await c.async_keys("**", asio::use_awaitable);
    };
    auto keys = asio::co_spawn(client.io(), talk(*client), asio::use_future);
    Peer peer = node.accepts();
    peer.welcomes();
    peer.reads(2);
    peer.says("KEYLISTSTART\nKEY a\nKEYLISTEND\nFLUSHED c1\n");
    CHECK(settled(std::move(keys)) == Keys{"a"});
}
