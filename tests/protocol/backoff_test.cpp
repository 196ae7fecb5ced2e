#include "protocol/backoff.hpp"

#include <doctest/doctest.h>

using namespace std::chrono_literals;
using clacks::protocol::Backoff;

namespace {

// The upper end of what next() draws from.
constexpr double highest = 0.999999;

}  // namespace

TEST_CASE("backoff: the delays are drawn below 1, 2, 4 … times the first, up to the longest") {
    Backoff backoff(1s, 10s);
    for (const auto ceiling : {1s, 2s, 4s, 8s, 10s, 10s, 10s}) {
        CAPTURE(ceiling.count());
        const auto delay = backoff.next(highest);
        CHECK(delay < ceiling);
        CHECK(delay >= ceiling - 1ms);
    }
}

TEST_CASE("backoff: the jitter is full: any delay from nothing on") {
    Backoff backoff(1s, 30s);
    CHECK(backoff.next(0.0) == 0ms);
    CHECK(backoff.next(0.5) == 1s);
    CHECK(backoff.next(0.25) == 1s);
    CHECK(backoff.next(0.0) == 0ms);
    CHECK(backoff.next(0.5) == 8s);
}

TEST_CASE("backoff: after a success it begins with the shortest again") {
    Backoff backoff(1s, 30s);
    for (int i = 0; i < 5; ++i) backoff.next(0.5);
    backoff.reset();
    CHECK(backoff.next(0.5) == 500ms);
    CHECK(backoff.next(0.5) == 1s);
}

TEST_CASE("backoff: a longest delay below the first one holds from the start") {
    Backoff backoff(10s, 2s);
    for (int i = 0; i < 3; ++i) CHECK(backoff.next(0.5) == 1s);
}

TEST_CASE("backoff: however often it fails, no delay is negative or above the longest") {
    for (const auto longest : {30s, std::chrono::seconds(365 * 24h)}) {
        CAPTURE(longest.count());
        Backoff backoff(1ms, longest);
        for (int i = 0; i < 1000; ++i) {
            const auto delay = backoff.next(highest);
            CHECK(delay >= 0ms);
            CHECK(delay < longest);
        }
    }
}

TEST_CASE("backoff: a delay of nothing stays nothing, and one above the longest is the longest") {
    Backoff none(0ms, 10s);
    for (int i = 0; i < 3; ++i) CHECK(none.next(0.9) == 0ms);
    Backoff high(20s, 10s);
    CHECK(high.next(0.5) == 5s);
    CHECK(high.next(0.5) == 5s);
}
