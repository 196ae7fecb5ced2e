#include "server/node/subscriptions.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "server/node/peer.hpp"
#include "tests/node/test_node.hpp"

using namespace clacks::node;

namespace {

/// The serials of who listens to `name`: "1 2".
std::string listeners(const Subscriptions& subscriptions, std::string_view name) {
    std::string text;
    std::vector<Peer*> scratch;
    subscriptions.for_each(name, 0, scratch, [&](const Peer& peer) {
        text += (text.empty() ? "" : " ") + std::to_string(peer.serial);
    });
    return text;
}

}  // namespace

TEST_CASE("subscriptions: a name has the listeners that were added and not removed") {
    Subscriptions subscriptions(1);
    Peer one("h", "p", 1);
    Peer two("h", "p", 2);
    CHECK(listeners(subscriptions, "a") == "");
    subscriptions.add("a", one);
    subscriptions.add("a", two);
    subscriptions.add("b", two);
    CHECK(listeners(subscriptions, "a") == "1 2");
    CHECK(listeners(subscriptions, "b") == "2");
    subscriptions.remove("a", one);
    CHECK(listeners(subscriptions, "a") == "2");
    subscriptions.remove("a", two);
    CHECK(listeners(subscriptions, "a") == "");
    CHECK(listeners(subscriptions, "b") == "2");
}

TEST_CASE("subscriptions: removing what is not there changes nothing") {
    Subscriptions subscriptions(1);
    Peer one("h", "p", 1);
    Peer two("h", "p", 2);
    subscriptions.remove("a", one);
    subscriptions.add("a", one);
    subscriptions.remove("a", two);
    subscriptions.remove("ab", one);
    CHECK(listeners(subscriptions, "a") == "1");
}

TEST_CASE("subscriptions: names are matched whole, whatever bytes are in them") {
    Subscriptions subscriptions(1);
    Peer one("h", "p", 1);
    for (const std::string name : {"a", "a::b", "Grüße", "a*", "a=b"}) subscriptions.add(name, one);
    CHECK(listeners(subscriptions, "a::b") == "1");
    CHECK(listeners(subscriptions, "Grüße") == "1");
    for (const std::string name : {"a::", "a:", "A", "a::b::c", "Gruesse", "x"}) {
        CAPTURE(name);
        CHECK(listeners(subscriptions, name) == "");
    }
}

TEST_CASE("signals: to every listener but the sender, and to each once") {
    TestNode node;
    TestPeer& sender = node.client();
    TestPeer& one = node.client();
    TestPeer& two = node.client();
    for (TestPeer* peer : {&sender, &one, &two}) {
        peer->says("LISTEN a");
        peer->says("LISTEN a");
    }
    sender.says("SET a=1");
    sender.says("NOTIFY a");
    sender.says("SETANDSTORE a=2");
    CHECK(sender.hears() == "");
    CHECK(one.hears() == "SET a=1 | NOTIFY a | SET a=2");
    CHECK(two.hears() == "SET a=1 | NOTIFY a | SET a=2");
    one.says("UNLISTEN a");
    sender.says("SET a=3");
    CHECK(one.hears() == "");
    CHECK(two.hears() == "SET a=3");
}

TEST_CASE("signals: STORE, REMOVE and INCREMENT signal nobody, SET stores nothing") {
    TestNode node;
    TestPeer& client = node.client();
    TestPeer& listener = node.client();
    listener.says("LISTEN a");
    client.says("SET a=1");
    CHECK(listener.hears() == "SET a=1");
    CHECK(client.asks("RETRIEVE a") == "NOTRETRIEVED a");
    for (const std::string line : {"STORE a=1", "INCREMENT a", "DECREMENT a", "REMOVE a"}) {
        CAPTURE(line);
        client.says(line);
        CHECK(listener.hears() == "");
    }
}
