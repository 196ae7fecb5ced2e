#include "bench/cache.hpp"

#include <deque>

#include "bench/binding.hpp"
#include "bench/store.hpp"
#include "bench/turns.hpp"

namespace clacks::bench {
namespace {

Measurement run(Store& store, const CacheLoad& load, nanoseconds duration) {
    if (load.interval == nanoseconds::zero()) return store.run(Operations::cached, duration);
    return store.pace(Operations::cached, load.interval, duration);
}

void add_turn(Store& store, const CacheLoad& load, Batches& sum) {
    const auto duration = load.duration / turns;
    run(store, load, duration / warm_up_share);
    const auto cost = run(store, load, duration);
    sum.add(cost, store.batch_times());
}

}  // namespace

std::vector<Batches> load_caches(const Targets& targets, const CacheLoad& load) {
    const Binding binding(targets, load.bound);
    std::deque<Store> stores;
    for (const auto& target : targets) stores.emplace_back(*target, load.connections, load.depth);
    std::vector<Batches> sums(targets.size());
    for (unsigned turn = 0; turn < turns; ++turn) {
        for (std::size_t i = 0; i < targets.size(); ++i) {
            targets[i]->blame([&] { add_turn(stores[i], load, sums[i]); });
        }
    }
    for (std::size_t i = 0; i < targets.size(); ++i) targets[i]->blame([&] { stores[i].finish(); });
    return sums;
}

}  // namespace clacks::bench
