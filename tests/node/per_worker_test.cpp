#include "server/node/per_worker.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <vector>

using clacks::node::PerWorker;

TEST_CASE("per worker: a change reaches every worker's copy") {
    PerWorker<int> value(3);
    int changed = 0;
    value.change([&](int& copy) {
        copy += 5;
        ++changed;
    });
    CHECK(changed == 3);
    for (const std::size_t worker : {0U, 1U, 2U}) {
        value.read(worker, [](const int& copy) { CHECK(copy == 5); });
    }
}

TEST_CASE("per worker: when a change is over, nobody sees the old value") {
    // Readers note the newest value seen by anybody whose change() had returned before they began.
    constexpr std::size_t worker_count = 3;
    constexpr int changes = 2000;
    PerWorker<int> value(worker_count);
    std::atomic<int> finished{0};
    std::atomic<bool> stale{false};
    {
        std::vector<std::jthread> readers;
        for (std::size_t worker = 0; worker < worker_count; ++worker) {
            readers.emplace_back([&, worker] {
                for (int seen = 0; seen < changes;) {
                    const int at_least = finished.load();
                    value.read(worker, [&](const int& copy) { seen = copy; });
                    if (seen < at_least) stale = true;
                }
            });
        }
        for (int i = 1; i <= changes; ++i) {
            value.change([i](int& copy) { copy = i; });
            finished = i;
        }
    }
    CHECK_FALSE(stale);
}

TEST_CASE("per worker: changes from several threads do not get lost") {
    PerWorker<int> value(2);
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&value] {
                for (int j = 0; j < 1000; ++j) value.change([](int& copy) { ++copy; });
            });
        }
    }
    value.read(0, [](const int& copy) { CHECK(copy == 4000); });
    value.read(1, [](const int& copy) { CHECK(copy == 4000); });
}
