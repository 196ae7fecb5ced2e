#include <doctest/doctest.h>

#include <set>
#include <string>

#include "tests/node/silent_outbox.hpp"
#include "tests/node/test_node.hpp"

using namespace clacks::node;
using namespace std::chrono_literals;

TEST_CASE("cleaning: deleted keys are forgotten after their time, unread ones after theirs") {
    Settings settings = TestNode::default_settings();
    settings.cache = {.deleted = 1h, .stale = 24h, .cleanup = 60s};
    TestNode node(settings);
    TestPeer& client = node.client();
    client.says("NOPING");
    client.says("STORE unread=1");
    client.says("STORE read=1");
    client.says("STORE gone=1");
    client.says("REMOVE gone");
    client.says("MONITOR");
    client.forget();

    node.advance(1h);
    node.clean();
    CHECK(client.hears().find("SERVERCACHE") == std::string::npos);
    node.advance(1s);
    node.clean();
    CHECK(client.hears() == "DEBUG SERVERCACHE=CLEANDELETED=gone");

    node.advance(22h);
    client.says("RETRIEVE read");
    client.forget();
    node.advance(1h);
    client.forget();
    node.clean();
    CHECK(client.hears() == "DEBUG SERVERCACHE=CLEANSTALE=unread");
    client.says("UNMONITOR");
    CHECK(client.asks("KEYLIST") == "KEYLISTSTART | KEY read | KEYLISTEND");
}

TEST_CASE("cleaning: it tells links nothing: forgetting is local") {
    Settings settings = TestNode::default_settings();
    settings.cache = {.deleted = 1s, .stale = 1s, .cleanup = 60s};
    TestNode node(settings);
    node.client().says("STORE a=1");
    TestPeer& slave = node.slave();
    node.advance(2s);
    node.clean();
    CHECK(slave.hears() == "");
    CHECK(node.node.cache().size() == 0);
}

TEST_CASE("cleaning: nothing ends by a clock of which we do not know whether it is right") {
    const auto at = [](std::chrono::seconds time) { return clacks::WallTime(time); };
    Past past{.cache = std::make_unique<clacks::cache::Cache>(),
              .knowledge = {.time_root = "root"}};
    past.cache->lock("a").store("a", "1", at(1'600'000'000s), {}, at(1'650'000'000s));
    TestNode node(TestNode::default_settings(), std::move(past));
    const auto is_over = [&] { return node.node.cache().lock("a").find("a")->deleted; };
    node.clean();
    CHECK_FALSE(is_over());
    node.advance(31s);
    node.clean();
    CHECK(is_over());
}

namespace {

/// Cleans once; how long it is until the next time.
std::chrono::nanoseconds clean_once(TestNode& node) {
    SilentOutbox nowhere;
    Turn turn{.worker = 0, .now = node.now, .outbox = nowhere, .scratch = {}};
    return node.node.clean(turn) - node.now.mono;
}

}  // namespace

TEST_CASE("cleaning: one round is in small parts, spread over the interval") {
    Settings settings = TestNode::default_settings();
    settings.cache.cleanup = 32s;
    TestNode node(settings);
    CHECK(clean_once(node) == 1s);
}

/// In the part of the store that is cleaned first.
void fill_first_shard(TestNode& node, int count) {
    auto& cache = node.node.cache();
    constexpr unsigned first_shard = 0;
    for (int i = 0; count > 0; ++i) {
        const std::string key = std::to_string(i);
        if (cache.shard_of(key) != first_shard) continue;
        cache.lock(key).store(key, "value", node.now.wall, {});
        --count;
    }
}

TEST_CASE("cleaning: clients of a large store wait for a look at some hundred entries at most") {
    Settings settings = TestNode::default_settings();
    settings.cache.cleanup = 32s;
    TestNode node(settings);
    fill_first_shard(node, 5000);
    int parts = 1;
    while (clean_once(node) == 1ms) ++parts;
    CHECK(parts >= 5000 / 256);
    CHECK(parts <= 5000 / 256 + 2);
}

TEST_CASE("cleaning: a part of a large store has its share of the interval, its steps included") {
    Settings settings = TestNode::default_settings();
    settings.cache.cleanup = 32s;
    TestNode node(settings);
    fill_first_shard(node, 5000);
    std::chrono::nanoseconds took{0};
    auto wait = clean_once(node);
    for (; wait == 1ms; wait = clean_once(node)) {
        node.advance(1ms);
        took += 1ms;
    }
    CHECK(took > 10ms);
    CHECK(took + wait == 1s);
}

TEST_CASE("cleaning: where it takes longer than its share, clients have their turn in between") {
    Settings settings = TestNode::default_settings();
    settings.cache.cleanup = 32ms;
    TestNode node(settings);
    fill_first_shard(node, 5000);
    constexpr int steps = 5000 / 256 + 2;
    for (int i = 0; i < steps; ++i) {
        CHECK(clean_once(node) >= 1ms);
        node.advance(2ms);
    }
}
