#include "server/node/probes.hpp"

#include <doctest/doctest.h>

using namespace clacks::node;
using namespace std::chrono_literals;
using clacks::MonoTime;

namespace {

constexpr MonoTime start{1h};
constexpr std::uint64_t sent_over = 1;
constexpr std::uint64_t another = 2;

}  // namespace

TEST_CASE("probes: what comes back over another link proves a ring, once") {
    Probes probes({1, 2});
    const auto word = probes.make(sent_over, start);
    CHECK_FALSE(probes.link_that_closed_ring(word, sent_over, start));
    CHECK(probes.link_that_closed_ring(word, another, start + 1s) == sent_over);
    CHECK_FALSE(probes.link_that_closed_ring(word, another, start + 1s));
}

TEST_CASE("probes: what was never sent, or long ago, proves nothing") {
    Probes probes({1, 2});
    const auto word = probes.make(sent_over, start);
    CHECK_FALSE(probes.link_that_closed_ring("", another, start));
    CHECK_FALSE(probes.link_that_closed_ring(word + "0", another, start));
    CHECK_FALSE(probes.link_that_closed_ring(word, another, start + Probes::valid_for + 1us));
    const auto in_time = probes.make(sent_over, start);
    CHECK(probes.link_that_closed_ring(in_time, another, start + Probes::valid_for) == sent_over);
}

TEST_CASE("probes: no word comes twice, and none is the same under another secret") {
    Probes probes({1, 2});
    Probes others({1, 3});
    const auto first = probes.make(sent_over, start);
    CHECK(probes.make(sent_over, start) != first);
    CHECK(others.make(sent_over, start) != first);
}
