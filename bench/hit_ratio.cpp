// clacks-hit-ratio: how many requests find what they ask for in a store with a budget, beside a
// cache of the same size that forgets what was used least recently.
#include <fmt/format.h>

#include "bench/bounded_store.hpp"
#include "bench/exact_lru.hpp"
#include "bench/traces.hpp"

int main() {
    using namespace clacks::bench;
    constexpr std::uint32_t capacity = 50'000;
    fmt::print("hits of 100 requests, room for {} entries\n\n", capacity);
    fmt::print("{:<20} {:>8} {:>8} {:>10}\n", "", "clacksd", "LRU", "entries");
    for (const Trace& trace : all_traces(capacity)) {
        BoundedStore store(capacity);
        ExactLru lru(capacity);
        const double ours = hit_ratio(store, trace);
        fmt::print("{:<20} {:>8.1f} {:>8.1f} {:>10}\n", trace.name, ours, hit_ratio(lru, trace),
                   store.cache().size());
    }
}
