#include <doctest/doctest.h>

#include <string>

#include "tests/node/test_node.hpp"

using namespace clacks::node;

namespace {

constexpr std::size_t memory = 4U << 20U;
const std::string full = "OVERHEAD E store_full limit=4194304 (cache.memory)";
const std::string large = "OVERHEAD E entry_too_large limit=4194304 (cache.memory)";

Settings with_memory(bool evict) {
    Settings settings = TestNode::default_settings();
    settings.cache.memory = memory;
    settings.cache.evict = evict;
    return settings;
}

/// Stores until the node says that it is full, or long after it should. Returns how many it took.
int fill(TestPeer& client, const std::string& name, const std::string& value) {
    int i = 0;
    while (i < 10'000 && client.asks("STORE " + name + std::to_string(i) + "=" + value) != full)
        ++i;
    return i;
}

/// Until there is no room for anything any more.
int fill(TestPeer& client) {
    const int count = fill(client, "key", std::string(1000, 'x'));
    fill(client, "small", "");
    return count;
}

std::string figure(TestPeer& client, const std::string& key) {
    const std::string status = " " + client.asks("STATUS");
    const auto at = status.find(" STATUS " + key + "=") + key.size() + 9;
    return status.substr(at, status.find(' ', at) - at);
}

}  // namespace

TEST_CASE("room: a full store that evicts nothing says so to every verb that needs room") {
    TestNode node(with_memory(false));
    TestPeer& client = node.client();
    const int count = fill(client);
    CHECK(count > 2'000);
    CHECK(count < 4'000);
    TestPeer& link = node.slave();
    TestPeer& listener = node.client();
    listener.says("LISTEN new");
    const std::string value(1000, 'x');
    for (const std::string& line :
         {"STORE new=" + value, "SETANDSTORE new=" + value, std::string("INCREMENT new"),
          std::string("DECREMENT new"), std::string("INCREMENTANDRETRIEVE new"),
          "STOREFOR 9 new=" + value, "STOREIF always new=" + value}) {
        CAPTURE(line.substr(0, 20));
        CHECK(client.asks(line) == full);
        CHECK(listener.hears() == "");
        CHECK(link.hears() == "");
    }
    CHECK(client.asks("RETRIEVE new") == "NOTRETRIEVED new");
    CHECK(client.asks("STORE key0=short") == "");
    CHECK(client.asks("RETRIEVE key0") == "RETRIEVED key0=short");
    CHECK(figure(client, "no_room") == "9");
    CHECK(figure(client, "evicted") == "0");
    CHECK(node.log.count("store_full") == 1);
}

TEST_CASE("room: in a full store keys can be removed, known or not, and then there is room") {
    TestNode node(with_memory(false));
    TestPeer& client = node.client();
    const int count = fill(client);
    TestPeer& link = node.slave();
    CHECK(client.asks("REMOVE unknown") == "");
    CHECK(link.hears() == "REMOVE unknown");
    for (int i = 0; i < count / 2; ++i) client.says("REMOVE key" + std::to_string(i));
    CHECK(client.asks("STORE new=" + std::string(1000, 'x')) == "");
}

TEST_CASE("room: what a link brings to a full store is not taken, and logged once") {
    TestNode node(with_memory(false));
    TestPeer& client = node.client();
    fill(client);
    TestPeer& link = node.slave();
    TestPeer& other = node.slave();
    const std::string value(1000, 'x');
    for (int i = 0; i < 5; ++i) {
        CHECK(link.asks("KEYSYNC 1700000000 1700000000 U new=" + value) == "");
        CHECK(link.asks("STORE new=" + value) == "");
    }
    CHECK(other.hears() == "");
    CHECK(client.asks("RETRIEVE new") == "NOTRETRIEVED new");
    CHECK(node.log.count("store_full client=" + link.id) == 1);
}

TEST_CASE("room: what one of our nodes brings is not taken either, but what is there is updated") {
    TestNode node(with_memory(false));
    TestPeer& client = node.client();
    fill(client);
    TestPeer& ours = node.slave();
    ours.says("OVERHEAD M clacks id=other;name=other;path=other;");
    ours.forget();
    const std::string later = "KEYSYNC 1800000000 1800000000 U,w:1 ";
    ours.says(later + "new=" + std::string(1000, 'x'));
    ours.says(later + "key0=" + std::string(1000, 'y'));
    CHECK(client.asks("RETRIEVE new") == "NOTRETRIEVED new");
    CHECK(client.asks("RETRIEVE key0") == "RETRIEVED key0=" + std::string(1000, 'y'));
    CHECK(node.log.count("store_full client=" + ours.id) == 1);
}

TEST_CASE("room: an entry larger than the store is refused, evicting or not") {
    for (const bool evict : {true, false}) {
        TestNode node(with_memory(evict));
        TestPeer& client = node.client();
        client.says("STORE key=value");
        CHECK(client.asks("STORE key=" + std::string(memory, 'x')) == large);
        CHECK(client.asks("RETRIEVE key") == "RETRIEVED key=value");
        CHECK(node.log.count("entry_too_large") == 1);
    }
}

TEST_CASE("room: a store that evicts takes everything, stays within its memory and tells no link") {
    TestNode node(with_memory(true));
    TestPeer& client = node.client();
    TestPeer& link = node.slave();
    const std::string value(1000, 'x');
    for (int i = 0; i < 10'000; ++i) client.says("STORE key" + std::to_string(i) + "=" + value);
    CHECK(client.hears() == "");
    int told = 0;
    while (const auto line = link.hears_line())
        told += line->starts_with("STORE key") ? 1 : 100'000;
    CHECK(told == 10'000);
    CHECK(std::stoul(figure(client, "cache_used_bytes")) <= memory);
    CHECK(std::stoul(figure(client, "evicted")) > 6'000);
    CHECK(figure(client, "cache_memory_bytes") == std::to_string(memory));
}

TEST_CASE("room: a smaller memory is in force after a reload, as soon as the cleaner has come by") {
    TestNode node;
    TestPeer& client = node.client();
    const std::string value(1000, 'x');
    for (int i = 0; i < 10'000; ++i) client.says("STORE key" + std::to_string(i) + "=" + value);
    CHECK(std::stoul(figure(client, "cache_used_bytes")) > memory);
    node.reload(with_memory(true));
    const auto used = [&] { return std::stoul(figure(client, "cache_used_bytes")); };
    for (int i = 0; i < 100 && used() > memory; ++i) node.clean();
    CHECK(used() <= memory);
}
