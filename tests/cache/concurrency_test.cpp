#include <doctest/doctest.h>

#include <atomic>
#include <barrier>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "cache/cache.hpp"
#include "cache/key_scan.hpp"
#include "state.hpp"

using namespace clacks::cache;

namespace {

constexpr int thread_count = 4;

// Runs `work(thread number)` on several threads that begin together.
template <class Work>
void together(Work work) {
    std::barrier start(thread_count);
    std::vector<std::jthread> threads;
    for (int i = 0; i < thread_count; ++i) {
        threads.emplace_back([&start, &work, i] {
            start.arrive_and_wait();
            work(i);
        });
    }
}

}  // namespace

TEST_CASE("cache: no increment is lost between threads") {
    Cache cache;
    constexpr int rounds = 20'000;
    const std::vector<std::string> keys = {"a", "b", "c"};
    together([&](int) {
        for (int i = 0; i < rounds; ++i) {
            const std::string& key = keys[static_cast<std::size_t>(i) % keys.size()];
            cache.lock(key).add(key, "2", i % 4 == 0, at(i));
        }
    });
    long sum = 0;
    for (const std::string& key : keys)
        sum += std::stol(std::string(*cache.lock(key).retrieve(key, at(0))));
    CHECK(sum == thread_count * (2 * rounds - 4 * (rounds / 4)));
}

TEST_CASE("cache: what is appended under the lock is in the order of the changes") {
    Cache cache;
    std::string seen;  // guarded by the shard's lock alone
    together([&](int thread) {
        for (int i = 0; i < 2'000; ++i) {
            auto shard = cache.lock("key");
            shard.store("key", std::to_string(thread), at(i));
            seen += shard.retrieve("key", at(i))->front();
        }
    });
    CHECK(seen.size() == thread_count * 2'000);
    CHECK(*cache.lock("key").retrieve("key", at(0)) == std::string(1, seen.back()));
}

TEST_CASE("cache: everything at once leaves a consistent store") {
    Cache cache;
    std::mutex output;  // what a node holds when it tells others
    std::atomic<int> half_cleared{0};
    together([&](int thread) {
        for (int i = 0; i < 3'000; ++i) {
            const std::string key = "key" + std::to_string(i % 50);
            switch ((i + thread) % 12) {
                case 0:
                    cache.lock(key).remove(key, at(i));
                    break;
                case 1:
                    cache.lock(key).merge(living(key, std::string(200, 'm'), i));
                    break;
                case 2:
                    cache.lock(key).retrieve(key, at(i));
                    break;
                case 3: {
                    auto shard = cache.lock(static_cast<unsigned>(i) % Cache::shard_count);
                    shard.clean(at(i), at(i - 100), at(i - 100), [](std::string_view, Cleaned) {});
                    break;
                }
                case 4:
                    cache.lock(key).store(key, "short-lived", at(i), local_origin, at(i + 20));
                    break;
                case 5:
                    cache.lock(key).expire(key, at(i + 50), at(i));
                    break;
                case 6: {
                    KeyScan scan(cache, static_cast<unsigned>(i) % Cache::shard_count, "key2", 5);
                    while (!scan.step([](std::string_view) { return true; }, at(i))) {
                    }
                    break;
                }
                default:
                    cache.lock(key).store(key, std::to_string(i), at(i));
            }
            if (i % 500 == 0) {
                cache.clear(at(i), [&](WallTime) {
                    const std::lock_guard lock(output);
                    for (int look = 0; look < 200; ++look) half_cleared += cache.size() != 0;
                });
            }
            if (i % 700 == 0) CHECK(cache.keys(at(i)).size() <= 50);
        }
    });
    CHECK(half_cleared == 0);
    clean(cache, 10'000);
    CHECK(cache.size() == cache.keys(at(10'000)).size());
}
