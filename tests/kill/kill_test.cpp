// kill -9 at random instants: the database opens, no entry is half old and half new, and nothing is
// lost that is older than the interval of the snapshots.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <future>
#include <iostream>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tests/kill/writer.hpp"

namespace clacks::kill {
namespace {

using namespace std::chrono_literals;

/// How a node saves, and what must not be lost.
struct Promise {
    std::chrono::milliseconds interval;
    /// How long a node lives at most, and one of twenty.
    Clock::duration usual_life;
    Clock::duration long_life;
    /// Beyond the interval: where that is shorter than what a busy machine may delay a thread by.
    Clock::duration allowance;
};

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
    const char* const text = std::getenv(variable);
    return text ? std::stoull(text) : otherwise;
}

double milliseconds(Clock::duration time) {
    return std::chrono::duration<double, std::milli>(time).count();
}

/// A node, those who write to it, and what has become of it so far.
class Killing {
public:
    Killing(std::uint64_t seed, const Promise& promise)
        : promise_(promise),
          random_(seed),
          victim_(promise.interval),
          writers_{Writer("one", random_()), Writer("two", random_())} {}

    /// A life under load, and its end; now and then another one that ends before it is ready.
    void round() {
        start_and_check();
        std::vector<std::future<void>> writing;
        for (Writer& writer : writers_) {
            writing.push_back(std::async(std::launch::async, [&] { writer.write(victim_); }));
        }
        wait_up_to(random_() % 20 == 0 ? promise_.long_life : promise_.usual_life);
        killed_ = Clock::now();
        for (auto& each : writing) {
            if (each.wait_for(0s) != std::future_status::timeout) {
                throw std::runtime_error("a writer has ended before the node was killed");
            }
        }
        kill();
        for (auto& each : writing) each.get();
        if (random_() % 3 != 0) return;
        victim_.start();
        wait_up_to(20ms);
        kill();
    }

    /// The last kill's marks.
    void end() {
        start_and_check();
        kill();
    }

    std::uint64_t kills() const { return kills_; }

    void report() const {
        std::uint64_t writes = 0;
        std::chrono::microseconds longest{};
        for (const Writer& writer : writers_) {
            writes += writer.writes();
            longest = std::max(longest, writer.longest_snapshot());
        }
        std::cout << kills_ << " kills, " << writes << " writes; " << rounds_with_losses_ << " of "
                  << checks_ << " checks found writes lost, the oldest " << milliseconds(oldest_)
                  << " ms old; up to "
                  << (std::chrono::ceil<std::chrono::milliseconds>(promise_.interval +
                                                                   promise_.allowance))
                         .count()
                  << " ms may be (interval " << promise_.interval.count()
                  << " ms, longest snapshot " << milliseconds(longest) << " ms)\n";
    }

private:
    void start_and_check() {
        const std::string log = victim_.take_log();
        victim_.start();
        victim_.wait_until_ready();
        bool lost = false;
        for (Writer& writer : writers_) {
            const auto age = writer.check(victim_.log_in(), killed_);
            if (!age) continue;
            lost = true;
            oldest_ = std::max(oldest_, *age);
            if (*age > promise_.interval + promise_.allowance) {
                throw std::runtime_error("lost what was " + std::to_string(milliseconds(*age)) +
                                         " ms old when it was killed at " +
                                         std::to_string(killed_.time_since_epoch().count()) +
                                         "; it had said:\n" + log);
            }
        }
        ++checks_;
        rounds_with_losses_ += lost ? 1 : 0;
    }

    /// At which instant a node is killed is the one thing here that is a matter of time.
    void wait_up_to(Clock::duration longest) {
        using std::chrono::microseconds;
        const auto most =
            static_cast<std::uint64_t>(std::chrono::floor<microseconds>(longest).count());
        std::this_thread::sleep_for(std::chrono::microseconds(random_() % most));
    }

    void kill() {
        victim_.kill();
        ++kills_;
    }

    const Promise promise_;
    std::mt19937_64 random_;
    Victim victim_;
    std::vector<Writer> writers_;
    Clock::time_point killed_{};
    std::uint64_t kills_ = 0;
    std::uint64_t checks_ = 0;
    std::uint64_t rounds_with_losses_ = 0;
    Clock::duration oldest_{};
};

void kill(std::uint64_t kills, const Promise& promise) {
    const auto seed = number_from("CLACKS_SEED", std::random_device()());
    std::cout << "seed " << seed << std::endl;
    Killing killing(seed, promise);
    try {
        while (killing.kills() + 1 < kills) killing.round();
        killing.end();
    } catch (const std::exception& error) {
        FAIL("seed ", seed, ", after ", killing.kills(), " kills: ", std::string(error.what()));
    }
    killing.report();
    CHECK(killing.kills() >= kills);
}

/// scripts/kill allows nothing. Beside other tests a node may not get the processor and the disk
/// that it needs, and cannot keep what it promises.
void kill_with_promise_of_a_second() {
    const bool beside_others = std::getenv("CLACKS_KILLS") == nullptr;
    kill(std::max<std::uint64_t>(number_from("CLACKS_KILLS", 20) / 4, 3),
         {.interval = 1s,
          .usual_life = 3s,
          .long_life = 30s,  // until little of what was kept for the first snapshots is left
          .allowance = beside_others ? 1s : 0s});
}

}  // namespace

TEST_CASE("kill: at any instant, whatever a snapshot is about, nothing is in halves") {
    kill(number_from("CLACKS_KILLS", 20),
         {.interval = 20ms, .usual_life = 100ms, .long_life = 300ms, .allowance = 1s});
}

TEST_CASE("kill: at any instant, nothing older than an interval is lost") {
    kill_with_promise_of_a_second();
}

TEST_CASE("kill: nothing older is lost where other programs leave no processor any time") {
    std::vector<std::jthread> others;
    for (unsigned i = 0; i < std::thread::hardware_concurrency(); ++i) {
        others.emplace_back([](const std::stop_token& stop) {
            while (!stop.stop_requested()) {
            }
        });
    }
    kill_with_promise_of_a_second();
}

}  // namespace clacks::kill
