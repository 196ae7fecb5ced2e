#include <doctest/doctest.h>

#include "client/backoff.hpp"

using clacks::detail::Backoff;
using namespace std::chrono_literals;

TEST_CASE("backoff: the bound doubles up to its maximum") {
    Backoff backoff(100ms, 1s);
    const std::uint64_t bounds[] = {100, 200, 400, 800, 1000, 1000};
    for (const std::uint64_t bound : bounds) {
        CAPTURE(bound);
        Backoff same = backoff;
        CHECK(backoff.next(bound).count() == static_cast<std::int64_t>(bound));
        CHECK(same.next(bound + 1) == 0ms);
    }
}

TEST_CASE("backoff: reset begins anew") {
    Backoff backoff(100ms, 10s);
    backoff.next(1);
    backoff.next(1);
    backoff.reset();
    CHECK(backoff.next(100) == 100ms);
    CHECK(backoff.next(200) == 200ms);
}

TEST_CASE("backoff: a delay of zero, or above the maximum") {
    Backoff none(0ms, 10s);
    CHECK(none.next(12345) == 0ms);
    CHECK(none.next(12345) == 0ms);
    Backoff high(20s, 10s);
    CHECK(high.next(10'000) == 10s);
    CHECK(high.next(10'001) == 0ms);
}
