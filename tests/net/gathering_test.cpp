#include "server/net/gathering.hpp"

#include <doctest/doctest.h>

using namespace std::chrono_literals;
using clacks::MonoTime;
using clacks::net::Gathering;

namespace {

constexpr std::size_t listeners = 10;
constexpr std::size_t message = 100 * listeners;  // bytes of one signal to all of them

/// A worker whose turns come at a steady pace, one message each; what gathers in a wait follows
/// from that.
struct SteadyTurns {
    explicit SteadyTurns(std::chrono::microseconds every) : interval(every) {}

    /// Runs `count` turns; returns how many of them waited.
    int run(int count) {
        int waits = 0;
        for (int i = 0; i < count; ++i) {
            now += interval;
            const auto wait = gathering.wait(now, listeners, message);
            if (wait == 0us) continue;
            ++waits;
            const auto more = static_cast<std::size_t>(wait / interval);
            now += wait;
            gathering.gathered(now, message + more * message);
        }
        return waits;
    }

    std::chrono::microseconds interval;
    Gathering gathering{100us};
    MonoTime now{10s};
};

}  // namespace

TEST_CASE("gathering: turns that follow closely wait, each for what is left of the longest wait") {
    SteadyTurns busy(10us);
    CHECK(busy.run(1) == 0);  // after silence
    CHECK(busy.run(100) == 100);
    busy.now += 30us;
    CHECK(busy.gathering.wait(busy.now, listeners, message) == 70us);
}

TEST_CASE("gathering: turns that come as far apart as the longest wait never wait") {
    CHECK(SteadyTurns(100us).run(1000) == 0);
}

TEST_CASE("gathering: where a wait joins little it is tried ever more seldom") {
    SteadyTurns slow(50us);  // a wait joins two turns: not worth it
    const int waits = slow.run(10'000);
    CHECK(waits > 0);
    CHECK(waits < 20);
}

TEST_CASE("gathering: it begins again when the turns come closer together") {
    SteadyTurns turns(50us);
    turns.run(10'000);
    turns.interval = 5us;
    turns.run(1024);
    CHECK(turns.run(100) == 100);
}

TEST_CASE("gathering: few sessions, or many bytes for each, never wait") {
    Gathering gathering(100us);
    MonoTime now{10s};
    for (int i = 0; i < 100; ++i) {
        now += 1us;
        CHECK(gathering.wait(now, 3, 300) == 0us);
        CHECK(gathering.wait(now, 10, 40960) == 0us);
    }
}

TEST_CASE("gathering: a longest wait of zero turns it off") {
    Gathering gathering(0us);
    for (int i = 0; i < 100; ++i) CHECK(gathering.wait(MonoTime{10s}, 10, 10) == 0us);
}
