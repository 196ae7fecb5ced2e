// clacks-eviction: what a store with a budget is worth as a cache, and what its evicting costs. How
// many requests find what they ask for, beside a cache of the same size that forgets what was used
// least recently; and the processor time of storing new keys, with room for them and without.
#include <fmt/format.h>

#include <ctime>

#include "bench/bounded_store.hpp"
#include "bench/exact_lru.hpp"
#include "bench/traces.hpp"

namespace {

using namespace clacks::bench;

void print_hit_ratios() {
    constexpr std::uint32_t capacity = 50'000;
    fmt::print("hits of 100 requests, room for {} entries\n", capacity);
    fmt::print("{:<20} {:>8} {:>8}\n", "", "clacksd", "LRU");
    for (const Trace& trace : all_traces(capacity)) {
        BoundedStore store(capacity);
        ExactLru lru(capacity);
        const double ours = hit_ratio(store, trace);
        fmt::print("{:<20} {:>8.1f} {:>8.1f}\n", trace.name, ours, hit_ratio(lru, trace));
    }
}

/// Nanoseconds of processor time for each of the keys from `first` on.
double cost_of_storing(BoundedStore& store, std::uint32_t first, std::uint32_t count) {
    const std::clock_t start = std::clock();
    for (std::uint32_t i = first; i < first + count; ++i) store.store(i);
    const auto ticks = static_cast<double>(std::clock() - start);
    return 1e9 * ticks / CLOCKS_PER_SEC / count;
}

void print_cost() {
    fmt::print("\nprocessor time of storing a new key, with as many entries there\n");
    fmt::print("{:<20} {:>8} {:>8} {:>8}\n", "", "growing", "full", "ratio");
    for (const std::uint32_t entries : {100'000U, 300'000U, 1'000'000U}) {
        BoundedStore growing(2 * entries);
        const double without = cost_of_storing(growing, 0, entries);
        BoundedStore full(entries / 2);
        cost_of_storing(full, 0, entries);
        const double with = cost_of_storing(full, entries, entries);
        fmt::print("{:<20} {:>5.0f} ns {:>5.0f} ns {:>8.2f}\n", entries / 2, without, with,
                   with / without);
    }
}

}  // namespace

int main() {
    print_hit_ratios();
    print_cost();
}
