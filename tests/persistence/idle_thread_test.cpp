#include "persistence/idle_thread.hpp"

#include <doctest/doctest.h>
#include <sched.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

namespace clacks::persistence {
namespace {

using namespace std::chrono_literals;

/// Threads that leave no processor any time.
class Busy {
public:
    Busy() {
        for (unsigned i = 0; i < 2 * std::thread::hardware_concurrency(); ++i) {
            threads_.emplace_back([](const std::stop_token& stop) {
                while (!stop.stop_requested()) {
                }
            });
        }
    }

private:
    std::vector<std::jthread> threads_;
};

}  // namespace

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
    CHECK(*took >= 8ms);
    bool done = false;
    idle.run([&] { done = true; }, [] { return true; });
    CHECK(done);
}

TEST_CASE("idle thread: what is not to go on before it begins is not done, then or later") {
    IdleThread idle;
    std::atomic<int> done{0};
    const Busy busy;  // it gets nothing of any processor, or next to nothing
    for (int i = 0; i < 20; ++i) (void)idle.try_out([] { return false; });
    int refused = 0;
    for (int i = 0; i < 50; ++i) {
        const int before = done;
        idle.run([&] { ++done; }, [] { return false; });
        if (done == before) ++refused;
    }
    CHECK(done + refused == 50);
    CHECK(refused > 0);
    while (!idle.try_out([] { return true; })) {
    }
    CHECK(done + refused == 50);
}

}  // namespace clacks::persistence
