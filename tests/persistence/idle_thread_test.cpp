#include "persistence/idle_thread.hpp"

#include <doctest/doctest.h>
#include <sched.h>

#include <atomic>
#include <thread>

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
            [] {});
        CHECK(by != std::this_thread::get_id());
        CHECK(policy == SCHED_IDLE);
    }
}

TEST_CASE("idle thread: a task that does not end by itself is looked after until it does") {
    IdleThread idle;
    std::atomic<bool> enough{false};
    int looks = 0;
    idle.run([&] { enough.wait(false); },
             [&] {
                 if (++looks < 3) return;
                 enough = true;
                 enough.notify_all();
             });
    CHECK(looks >= 3);
}

}  // namespace clacks::persistence
