#include <doctest/doctest.h>

#include <string>

#include "tests/node/test_node.hpp"

using namespace clacks::node;

namespace {

Settings with(Limits limits) {
    Settings settings = TestNode::default_settings();
    settings.limits = limits;
    return settings;
}

}  // namespace

TEST_CASE("limits: a name that is too long is refused by every verb that has one, with the limit") {
    TestNode node(with({.key_bytes = 10}));
    TestPeer& link = node.slave();
    const std::string fits(10, 'k');
    const std::string too_long(11, 'k');
    for (const std::string verb : {"STORE", "SET", "SETANDSTORE", "REMOVE", "INCREMENT",
                                   "DECREMENT", "NOTIFY", "RETRIEVE", "LISTEN", "UNLISTEN"}) {
        CAPTURE(verb);
        const bool has_value = verb == "STORE" || verb.starts_with("SET");
        TestPeer& client = node.client();
        CHECK(client.asks(verb + ' ' + too_long + (has_value ? "=1" : "")) ==
              "OVERHEAD E name_too_long limit=10 (limits.key)");
        CHECK(link.hears() == "");
        client.says(verb + ' ' + fits + (has_value ? "=1" : ""));
        CHECK(client.hears().find("limit") == std::string::npos);
        link.forget();
    }
    CHECK(node.log.count("name_too_long") == 10);
}

TEST_CASE(
    "limits: the patterns of KEYLIST and MONITOR are bounded like names and those of LISTEN") {
    TestNode node(with({.key_bytes = 10}));
    TestPeer& client = node.client();
    const std::string too_long = "OVERHEAD E name_too_long limit=10 (limits.key)";
    const std::string too_complex = "OVERHEAD E pattern_too_complex levels=16 stars=4";
    for (const std::string start : {"KEYLIST ", "MONITOR name="}) {
        CAPTURE(start);
        CHECK(client.asks(start + "*a*a*a*a*a") == too_complex);
        CHECK(client.asks(start + "aaaaaaaaaa*") == too_long);
    }
    CHECK(client.asks("KEYLIST after=aaaaaaaaaaa") == too_long);
    CHECK(client.asks("MONITOR client=aaaaaaaaaaa") == too_long);
    CHECK_FALSE(client.monitoring);
    CHECK(client.asks("KEYLIST " + std::string(1000, '*')) == "KEYLISTSTART | KEYLISTEND");
}

TEST_CASE("limits: RETRIEVEMANY takes a thousand names") {
    TestNode node;
    TestPeer& client = node.client();
    std::string most = "RETRIEVEMANY k";
    for (int i = 1; i < 1000; ++i) most += " k";
    client.says(most);
    int answers = 0;
    while (client.hears_line() == "NOTRETRIEVED k") ++answers;
    CHECK(answers == 1000);
    CHECK(client.asks(most + " k") == "OVERHEAD E too_many_names limit=1000");
}

TEST_CASE("limits: a KEYSYNC with a name that is too long is refused") {
    TestNode node(with({.key_bytes = 3}));
    TestPeer& link = node.slave();
    CHECK(link.asks("KEYSYNC 1 1 U long=1") == "OVERHEAD E name_too_long limit=3 (limits.key)");
    CHECK(link.asks("KEYSYNC 1 1 U fit=1") == "");
    CHECK(node.node.cache().keys(clacks::WallTime{}) == std::vector<std::string>{"fit"});
}

TEST_CASE("limits: a line that is too long is dropped and said so; the connection goes on") {
    TestNode node(with({.line_bytes = 60}));
    TestPeer& client = node.client();
    const std::string fits = "STORE a=" + std::string(60 - 8, 'v');
    CHECK(client.asks(fits) == "");
    CHECK(client.asks("RETRIEVE a") == "RETRIEVED a=" + std::string(60 - 8, 'v'));
    CHECK(client.asks(fits + 'v') == "OVERHEAD E line_too_long limit=60 (limits.line)");
    CHECK(client.asks("FLUSH x") == "FLUSHED x");
    CHECK(node.log.count("line_too_long client=" + client.id) == 1);
}

TEST_CASE("limits: each that a peer runs into is in the log once, and at its end how often") {
    TestNode node(with({.line_bytes = 60, .key_bytes = 10, .listens = 1}));
    TestPeer& client = node.client();
    TestPeer& other = node.client();
    for (int i = 0; i < 20; ++i) {
        client.says("RETRIEVE " + std::string(11, 'k'));
        client.says("STORE a=" + std::string(60, 'v'));
        client.says("LISTEN " + std::to_string(i));
    }
    other.says("RETRIEVE " + std::string(11, 'k'));
    node.hangs_up(client);
    node.hangs_up(other);
    struct Row {
        std::string event;
        std::string limit;
        int count;
    };
    for (const Row& row : {Row{"name_too_long", "10", 20}, Row{"line_too_long", "60", 20},
                           Row{"too_many_listens", "1", 19}}) {
        CAPTURE(row.event);
        CHECK(node.log.count(row.event + " client=" + client.id + " limit=" + row.limit) == 1);
        CHECK(node.log.count("repeated client=" + client.id + " event=" + row.event +
                             " count=" + std::to_string(row.count)) == 1);
    }
    CHECK(node.log.count("name_too_long client=" + other.id) == 1);
    CHECK(node.log.count("repeated client=" + other.id) == 0);
}

TEST_CASE("limits: a connection listens to so many names, and again to each of them") {
    TestNode node(with({.listens = 2}));
    TestPeer& client = node.client();
    const std::string refusal = "OVERHEAD E too_many_listens limit=2 (limits.listens)";
    CHECK(client.asks("LISTEN a") == "");
    CHECK(client.asks("LISTEN b") == "");
    CHECK(client.asks("LISTEN c") == refusal);
    CHECK(client.asks("LISTENANDRETRIEVE c") == refusal);  // in place of the value
    // It listens to that already: nothing is added.
    CHECK(client.asks("LISTEN a") == "");
    CHECK(client.asks("UNLISTEN a") == "");
    CHECK(client.asks("LISTEN c") == "");
    CHECK(client.asks("LISTEN a") == refusal);
    // It is a limit for each connection, not for all.
    CHECK(node.client().asks("LISTEN a") == "");
    TestPeer& sender = node.client();
    sender.says("NOTIFY a");
    sender.says("NOTIFY b");
    sender.says("NOTIFY c");
    CHECK(client.hears() == "NOTIFY b | NOTIFY c");
}
