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

void add_turn(Store& store, const CacheLoad& load, Cached& sum) {
    const auto duration = load.duration / turns;
    run(store, load, duration / warm_up_share);
    sum.cost += run(store, load, duration);
    const auto& times = store.batch_times();
    sum.batch_times.insert(sum.batch_times.end(), times.begin(), times.end());
}

}  // namespace

std::vector<Cached> load_caches(const std::vector<std::unique_ptr<Target>>& targets,
                                const CacheLoad& load) {
    std::vector<const Process*> servers;
    for (const auto& target : targets) servers.push_back(&target->process());
    const Binding binding(servers, load.bound);
    std::deque<Store> stores;
    for (const auto& target : targets) stores.emplace_back(*target, load.connections, load.depth);
    std::vector<Cached> sums(targets.size());
    for (unsigned turn = 0; turn < turns; ++turn) {
        for (std::size_t i = 0; i < targets.size(); ++i) {
            targets[i]->blame([&] { add_turn(stores[i], load, sums[i]); });
        }
    }
    for (std::size_t i = 0; i < targets.size(); ++i) targets[i]->blame([&] { stores[i].finish(); });
    return sums;
}

}  // namespace clacks::bench
