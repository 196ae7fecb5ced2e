#include "persistence/idle_thread.hpp"

#include <doctest/doctest.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>

#include <atomic>
#include <csignal>
#include <thread>

#include "tests/persistence/busy.hpp"

namespace clacks::persistence {

TEST_CASE(
    "idle thread: does a task on a thread of the lowest priority, and returns when it is done") {
    IdleThread idle;
    std::thread::id by;
    int policy = 0;
    for (int i = 0; i < 2; ++i) {
        idle.run(
            [&] {
                by = std::this_thread::get_id();
                policy = ::sched_getscheduler(0);
            },
            [] { return true; });
        CHECK(by != std::this_thread::get_id());
        CHECK(policy == SCHED_IDLE);
    }
}

TEST_CASE("idle thread: a task that has begun is waited for, also if it is not to go on") {
    IdleThread idle;
    std::atomic<bool> begun{false};
    std::atomic<bool> enough{false};
    int looks = 0;
    bool done = false;
    idle.run(
        [&] {
            begun = true;
            enough.wait(false);
            done = true;
        },
        [&] {
            if (!begun || ++looks < 3) return true;
            enough = true;
            enough.notify_all();
            return false;
        });
    CHECK(looks >= 3);
    CHECK(done);
}

TEST_CASE("idle thread: a trial takes some time, and the next task does not wait for anything") {
    IdleThread idle;
    const auto took = idle.try_out([] { return true; });
    REQUIRE(took.has_value());
    CHECK(*took >= IdleThread::trial);
    bool done = false;
    idle.run([&] { done = true; }, [] { return true; });
    CHECK(done);
}

TEST_CASE("idle thread: a trial that is given up ends later, and another one can be made") {
    IdleThread idle;
    {
        const Busy busy;
        while (idle.try_out([] { return false; })) {
        }
    }
    REQUIRE(idle.try_out([] { return true; }).has_value());
    bool done = false;
    idle.run([&] { done = true; }, [] { return true; });
    CHECK(done);
}

TEST_CASE("idle thread: what is not to go on before it begins is not done, then or later") {
    static std::atomic<bool> stands_still{false};
    static std::atomic<bool> goes_on{false};
    struct sigaction stand_still {};
    struct sigaction before {};
    stand_still.sa_handler = [](int) {
        stands_still = true;
        while (!goes_on) ::poll(nullptr, 0, 1);
    };
    REQUIRE(::sigaction(SIGUSR2, &stand_still, &before) == 0);
    int done = 0;
    {
        IdleThread idle;
        pthread_t thread{};
        idle.run([&] { thread = ::pthread_self(); }, [] { return true; });
        std::this_thread::sleep_for(IdleThread::pause);  // so it waits for the next task, likely
        REQUIRE(::pthread_kill(thread, SIGUSR2) == 0);
        while (!stands_still) std::this_thread::yield();
        idle.run([&] { ++done; }, [] { return false; });
        CHECK(done == 0);
        goes_on = true;
    }
    // It has come to its end, and would have done on the way what was still offered.
    CHECK(done == 0);
    ::sigaction(SIGUSR2, &before, nullptr);
}

}  // namespace clacks::persistence
