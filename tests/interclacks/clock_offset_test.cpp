#include "interclacks/clock_offset.hpp"

#include <doctest/doctest.h>

using namespace std::chrono_literals;
using clacks::WallTime;
using clacks::interclacks::ClockOffset;

namespace {

using microseconds = std::chrono::microseconds;

constexpr WallTime start{1'700'000'000s};

/// What is learned of a peer whose clock is `ahead` of ours when question and answer take `there`
/// and `back`.
microseconds learned(microseconds ahead, microseconds there, microseconds back) {
    ClockOffset offset;
    offset.sample(start, start + there + ahead, start + there + back);
    return offset.value();
}

}  // namespace

TEST_CASE("clock offset: before the first sample times are taken as they are") {
    const ClockOffset offset;
    CHECK(offset.value() == 0us);
    CHECK(offset.to_ours(start) == start);
}

TEST_CASE("clock offset: equal clocks stay equal, however long the way") {
    CHECK(learned(0s, 0s, 0s) == 0us);
    CHECK(learned(0s, 50ms, 50ms) == 0us);
    CHECK(learned(0s, 2s, 0s) == 0us);
    CHECK(learned(0s, 0s, 2s) == 0us);
    CHECK(learned(0s, 10min, 10min) == 0us);
}

TEST_CASE("clock offset: a difference within the round trip may be none and counts as none") {
    CHECK(learned(40ms, 50ms, 50ms) == 0us);
    CHECK(learned(-40ms, 50ms, 50ms) == 0us);
}

TEST_CASE("clock offset: a peer's clock that is ahead or behind is known to half a round trip") {
    for (const microseconds ahead : {microseconds(5s), microseconds(300s), microseconds(7h)}) {
        CAPTURE(ahead.count());
        // Ahead by no more than can be proved: its question-side bound.
        CHECK(learned(ahead, 50ms, 70ms) == -(ahead - 70ms));
        // Behind likewise.
        CHECK(learned(-ahead, 50ms, 70ms) == ahead - 50ms);
        CHECK(learned(ahead, 0s, 0s) == -ahead);
    }
}

TEST_CASE("clock offset: a time of the peer's is moved by what was learned") {
    ClockOffset offset;
    offset.sample(start, start + 1h, start);
    CHECK(offset.to_ours(start + 1h) == start);
    CHECK(offset.to_ours(start + 1h - 3s) == start - 3s);
}

TEST_CASE("clock offset: a sample that took long does not blur one that was quick") {
    // The peer is ten seconds behind.
    ClockOffset offset;
    offset.sample(start, start - 10s + 50ms, start + 100ms);
    CHECK(offset.value() == 10s - 50ms);
    offset.sample(start, start - 10s + 30s, start + 60s);
    CHECK(offset.value() == 10s - 50ms);
    offset.sample(start, start - 10s + 20ms, start + 60s);
    CHECK(offset.value() == 10s - 20ms);
}

TEST_CASE("clock offset: if two samples contradict each other, the newer one counts") {
    ClockOffset offset;
    offset.sample(start, start + 1h, start);
    offset.sample(start, start - 1h, start);
    CHECK(offset.value() == 1h);
    // It has forgotten what it knew before.
    offset.sample(start, start - 2h, start + 2h);
    CHECK(offset.value() == 2h);
}

TEST_CASE("clock offset: a clock set back while the answer was under way") {
    // Between question and answer ours went from 12:00 to 11:00. The peer's, which says 11:30, may
    // agree with it; one that says 10:00 does not, whichever of the two is right.
    ClockOffset offset;
    offset.sample(start, start - 30min, start - 1h);
    CHECK(offset.value() == 0us);
    offset.sample(start, start - 2h, start - 1h);
    CHECK(offset.value() == 1h);
    offset.sample(start, start + 1h, start - 1h);
    CHECK(offset.value() == -1h);
}
