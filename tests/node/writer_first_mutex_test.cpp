#include "server/node/writer_first_mutex.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <shared_mutex>
#include <thread>

using clacks::node::WriterFirstMutex;

TEST_CASE("writer first mutex: readers share it, a writer has it alone") {
    WriterFirstMutex mutex;
    {
        const std::shared_lock first(mutex);
        CHECK(mutex.try_lock_shared());
        mutex.unlock_shared();
    }
    const std::lock_guard writer(mutex);
    CHECK_FALSE(mutex.try_lock_shared());
}

TEST_CASE("writer first mutex: readers that come after a writer let it go first") {
    WriterFirstMutex mutex;
    std::atomic<bool> written{false};
    std::shared_lock reading(mutex);
    std::thread writer([&] {
        const std::lock_guard lock(mutex);
        written = true;
    });
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    bool let_in = true;
    while (let_in && std::chrono::steady_clock::now() < deadline) {
        let_in = mutex.try_lock_shared();
        if (let_in) mutex.unlock_shared();
    }
    CHECK_FALSE(let_in);
    CHECK_FALSE(written);
    reading.unlock();
    writer.join();
    CHECK(written);
}
