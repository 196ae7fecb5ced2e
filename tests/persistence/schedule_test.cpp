#include "persistence/schedule.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace clacks::persistence {
namespace {

using namespace std::chrono_literals;

constexpr Schedule::Time start = Schedule::Time(1000s);
constexpr std::uint64_t megabyte = 1'000'000;

}  // namespace

TEST_CASE("schedule: a small snapshot begins so early that a second may go wrong") {
    const Schedule schedule(10s, start);
    CHECK(schedule.begin(0) == start + 9s);
    CHECK(schedule.begin(3200) == start + 9s - 100us);
}

TEST_CASE("schedule: of a short interval an eighth is kept in reserve, of a very short one half") {
    CHECK(Schedule(800ms, start).begin(0) == start + 700ms);
    CHECK(Schedule(20ms, start).begin(0) == start + 10ms);
    CHECK(Schedule(2ms, start).begin(0) == start + 1ms);
}

TEST_CASE("schedule: the more there is to write the earlier it begins, from half an interval on") {
    const Schedule schedule(10s, start);
    CHECK(schedule.begin(32 * megabyte) == start + 8s);
    CHECK(schedule.begin(96 * megabyte) == start + 6s);
    CHECK(schedule.begin(1000 * megabyte) == start + 5s);
}

TEST_CASE("schedule: the next one is counted from the beginning of the last") {
    Schedule schedule(10s, start);
    schedule.succeeded(start + 7s);
    CHECK(schedule.begin(0) == start + 16s);
    CHECK_FALSE(schedule.is_late(start + 17s));
    CHECK(schedule.is_late(start + 17s + 1ns));
}

TEST_CASE("schedule: after a failure it is tried again an interval later, until one succeeds") {
    Schedule schedule(10s, start);
    schedule.failed(start + 9s);
    CHECK(schedule.begin(1000 * megabyte) == start + 19s);
    schedule.failed(start + 19s);
    CHECK(schedule.begin(0) == start + 29s);
    schedule.succeeded(start + 29s);
    CHECK(schedule.begin(0) == start + 38s);
}

TEST_CASE("schedule: one that has begun is to be done with half of the reserve left") {
    Schedule schedule(10s, start);
    CHECK(schedule.due() == start + 9500ms);
    schedule.succeeded(start + 5s);
    CHECK(schedule.due() == start + 14500ms);
    CHECK(Schedule(800ms, start).due() == start + 750ms);
}

TEST_CASE("schedule: another interval is in force at once") {
    Schedule schedule(10s, start);
    schedule.set_interval(800ms);
    CHECK(schedule.begin(0) == start + 700ms);
}

TEST_CASE("schedule: nothing is late for a shorter interval that was not in force when it began") {
    Schedule schedule(1h, start);
    schedule.set_interval(10s);
    CHECK(schedule.begin(0) == start + 9s);
    CHECK_FALSE(schedule.is_late(start + 30min));
    CHECK(schedule.is_late(start + 1h + 1s));
    schedule.succeeded(start + 30min);
    CHECK_FALSE(schedule.is_late(start + 30min + 10s));
    CHECK(schedule.is_late(start + 30min + 11s));
}

TEST_CASE("schedule: however much changes while nobody looks, it is looked at often enough") {
    // As fast as clients can write, from any moment on.
    constexpr std::uint64_t bytes_a_millisecond = 32'000;
    for (auto quiet = 0ms; quiet < 10s; quiet += 100ms) {
        const Schedule schedule(10s, start);
        const auto bytes = [&](Schedule::Time now) {
            const auto writing = std::chrono::ceil<std::chrono::milliseconds>(now - start - quiet);
            return static_cast<std::uint64_t>(std::max<long>(writing.count(), 0)) *
                   bytes_a_millisecond;
        };
        auto now = start;
        int looks = 0;
        for (; now < schedule.begin(bytes(now)); ++looks)
            now = schedule.next_look(now, schedule.begin(bytes(now)));
        CHECK(now + Schedule::time_for(bytes(now)) <= start + 10s);
        CHECK(looks < 100);
    }
}

}  // namespace clacks::persistence
