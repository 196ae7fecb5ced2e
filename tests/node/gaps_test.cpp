#include "server/node/gaps.hpp"

#include <doctest/doctest.h>

#include "tests/node/test_node.hpp"

using namespace clacks::node;

namespace {

auto bytes(std::size_t waiting) {
    return [waiting] { return waiting; };
}

std::string told(Gaps& gaps) {
    std::string text;
    gaps.tell([&](std::string_view lines) { text = lines; });
    return text;
}

}  // namespace

TEST_CASE("gaps: from half of the limit on signals are counted, until all has been written") {
    Gaps gaps;
    CHECK(gaps.admits("a", bytes(50), 100));
    CHECK_FALSE(gaps.admits("a", bytes(51), 100));
    CHECK_FALSE(gaps.admits("b", bytes(51), 100));
    CHECK_FALSE(gaps.admits("a", bytes(0), 100));  // else it would overtake what is missing
    CHECK_FALSE(gaps.due());
    gaps.drained();
    CHECK(gaps.due());
    CHECK_FALSE(gaps.admits("a", bytes(0), 100));
    CHECK(told(gaps) == "GAP a 3\r\nGAP b 1\r\n");
    CHECK_FALSE(gaps.due());
    CHECK(gaps.admits("a", bytes(0), 100));
    gaps.drained();
    CHECK_FALSE(gaps.due());
}

TEST_CASE("gaps: nothing is lost when all was written while a worker found that too much waits") {
    Gaps gaps;
    unsigned asked = 0;
    const auto written_meanwhile = [&] { return std::size_t{++asked == 1 ? 51U : 0U}; };
    CHECK(gaps.admits("a", written_meanwhile, 100));
    CHECK_FALSE(gaps.losing());
}

TEST_CASE("gaps: of more names than anybody wants to hear of the rest is counted together") {
    Gaps gaps;
    for (int i = 0; i < 1500; ++i)
        CHECK_FALSE(gaps.admits("name" + std::to_string(i), bytes(100), 100));
    gaps.drained();
    const std::string lines = told(gaps);
    CHECK(lines.starts_with("GAP ** 500\r\nGAP name0 1\r\n"));
}

TEST_CASE("gaps: who has asked is told what is missing, before the next signal") {
    Settings settings = TestNode::default_settings();
    settings.limits.output_bytes = 1000;
    TestNode node(settings);
    TestPeer& listener = node.client();
    TestPeer& publisher = node.client();
    CHECK(listener.asks("GAPS 2") == "OVERHEAD E unknown_command GAPS 2");
    CHECK(listener.asks("GAPS 1") == "");
    CHECK(listener.asks("LISTEN a") == "");
    publisher.says("SET a=1");
    listener.queued = 600;
    publisher.says("SET a=2");
    publisher.says("NOTIFY a");
    listener.queued = 0;
    listener.own_gaps->drained();
    listener.says("NOP");
    publisher.says("SET a=3");
    CHECK(listener.hears() == "SET a=1 | GAP a 2 | SET a=3");
}
