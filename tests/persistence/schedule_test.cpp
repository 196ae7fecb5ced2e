#include "persistence/schedule.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace clacks::persistence {
namespace {

using namespace std::chrono_literals;

constexpr Schedule::Time start = Schedule::Time(1000s);
constexpr std::uint64_t megabyte = 1'000'000;

/// After many that were done in time, the last of which began at `start`.
Schedule without_delays(Schedule::Duration interval) {
    constexpr int many = 200;
    const auto pause = interval / 2;
    Schedule schedule(interval, start - many * pause);
    for (int i = many - 1; i >= 0; --i)
        schedule.succeeded(start - i * pause, start - i * pause, true);
    return schedule;
}

}  // namespace

TEST_CASE("schedule: a small snapshot begins so early that two seconds may go wrong") {
    const Schedule schedule = without_delays(10s);
    CHECK(schedule.begin(0) == start + 8s);
    CHECK(schedule.begin(3200) == start + 8s - 100us);
}

TEST_CASE("schedule: of a short interval a quarter is kept in reserve, of a very short one half") {
    CHECK(without_delays(800ms).begin(0) == start + 600ms);
    CHECK(without_delays(20ms).begin(0) == start + 10ms);
    CHECK(without_delays(2ms).begin(0) == start + 1ms);
}

TEST_CASE("schedule: the more there is to write the earlier it begins, from half an interval on") {
    const Schedule schedule = without_delays(10s);
    CHECK(schedule.begin(32 * megabyte) == start + 7s);
    CHECK(schedule.begin(64 * megabyte) == start + 6s);
    CHECK(schedule.begin(1000 * megabyte) == start + 5s);
}

TEST_CASE("schedule: the first of a short interval begin earlier, as no delays are known yet") {
    CHECK(Schedule(800ms, start).begin(0) == start + 400ms);
    CHECK(Schedule(800ms, start).due() == start + 500ms);
    CHECK(Schedule(4s, start).begin(0) == start + 2500ms);
    CHECK(Schedule(4s, start).due() == start + 3s);
    CHECK(Schedule(10s, start).begin(0) == start + 8s);
    CHECK(Schedule(10s, start).due() == start + 9s);
}

TEST_CASE("schedule: the next one is counted from the beginning of the last") {
    Schedule schedule = without_delays(10s);
    schedule.succeeded(start + 7s, start + 8s, true);
    CHECK(schedule.begin(0) == start + 15s);
    CHECK_FALSE(schedule.is_late(start + 17s));
    CHECK(schedule.is_late(start + 17s + 1ns));
}

TEST_CASE("schedule: after one that was done too late the next have twice that more time") {
    Schedule schedule = without_delays(10s);
    REQUIRE(schedule.due() == start + 9s);
    schedule.succeeded(start + 8s, start + 9500ms, true);
    auto last = start + 8s;
    CHECK(schedule.due() == last + 8s);
    CHECK(schedule.begin(0) == last + 7s);
    const auto add = [&](Schedule::Duration behind_due, bool learns = true) {
        last += 7s;
        schedule.succeeded(last, schedule.due() + behind_due, learns);
    };
    SUBCASE("as long as they need it") {
        for (int i = 0; i < 20; ++i) add(500ms);
        CHECK(schedule.begin(0) == last + 7s);
    }
    SUBCASE("and less and less if they do not") {
        for (int i = 0; i < 20; ++i) add(-1s);
        CHECK(schedule.begin(0) > last + 7900ms);
        CHECK(schedule.begin(0) < last + 8s);
    }
    SUBCASE("unless they say nothing of it") {
        for (int i = 0; i < 20; ++i) add(-1s, false);
        CHECK(schedule.begin(0) == last + 7s);
    }
    SUBCASE("but never more than half an interval") {
        add(1h);
        CHECK(schedule.begin(0) == last + 5s);
        CHECK(schedule.due() == last + 5s);
    }
}

TEST_CASE("schedule: after a failure it is tried again an interval later, until one succeeds") {
    Schedule schedule = without_delays(10s);
    schedule.failed(start + 9s);
    CHECK(schedule.begin(1000 * megabyte) == start + 19s);
    schedule.failed(start + 19s);
    CHECK(schedule.begin(0) == start + 29s);
    schedule.succeeded(start + 29s, start + 31s, true);
    CHECK(schedule.begin(0) == start + 37s);
}

TEST_CASE("schedule: one that has begun is to be done with half of the reserve left") {
    Schedule schedule = without_delays(10s);
    CHECK(schedule.due() == start + 9s);
    schedule.succeeded(start + 5s, start + 6s, true);
    CHECK(schedule.due() == start + 14s);
    CHECK(without_delays(800ms).due() == start + 700ms);
}

TEST_CASE("schedule: it hurries when what is left to write takes as long as there is time") {
    const Schedule schedule = without_delays(10s);
    CHECK_FALSE(schedule.hurries(start + 8s, 128 * megabyte, 0s));
    CHECK(schedule.hurries(start + 8s + 1ns, 128 * megabyte, 0s));
}

TEST_CASE("schedule: it hurries when a step takes a third of the time that there was") {
    const Schedule schedule = without_delays(10s);
    CHECK_FALSE(schedule.hurries(start + 8600ms, 0, 200ms));
    CHECK(schedule.hurries(start + 8600ms + 1ns, 0, 200ms));
}

TEST_CASE("schedule: another interval is in force at once") {
    Schedule schedule = without_delays(10s);
    schedule.set_interval(800ms);
    CHECK(schedule.begin(0) == start + 600ms);
}

TEST_CASE("schedule: nothing is late for a shorter interval that was not in force when it began") {
    Schedule schedule = without_delays(1h);
    schedule.set_interval(10s);
    CHECK(schedule.begin(0) == start + 8s);
    CHECK_FALSE(schedule.is_late(start + 30min));
    CHECK(schedule.is_late(start + 1h + 1s));
    schedule.succeeded(start + 30min, start + 30min, true);
    CHECK_FALSE(schedule.is_late(start + 30min + 10s));
    CHECK(schedule.is_late(start + 30min + 11s));
    CHECK(schedule.begin(0) == start + 30min + 8s);
}

TEST_CASE("schedule: however much changes while nobody looks, it is looked at often enough") {
    // As fast as clients can write, from any moment on.
    constexpr std::uint64_t bytes_a_millisecond = 32'000;
    for (auto quiet = 0ms; quiet < 10s; quiet += 100ms) {
        const Schedule schedule = without_delays(10s);
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
