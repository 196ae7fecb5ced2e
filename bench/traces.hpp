#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace clacks::bench {

/// One request of a cache: for a key, by its number.
struct Request {
    std::uint32_t key;
    bool counts;  ///< towards the hit ratio
};

/// Requests that a cache may have to do with, the same at each run. `capacity` is how many entries
/// the cache holds, about.
struct Trace {
    std::string_view name;
    std::vector<Request> requests;
};

/// Some keys are asked for far more often than others: Zipf's law with the exponent 1, over ten
/// times as many keys as the cache holds.
Trace zipf(std::uint32_t capacity);
/// The same, and again and again somebody else reads as many cold keys as the cache holds twice
/// over, each once. Only the former count.
Trace zipf_with_scans(std::uint32_t capacity);
/// A tenth more keys than the cache holds, one after the other, over and over.
Trace loop(std::uint32_t capacity);
/// Three quarters of the keys that the cache holds, at random; then other ones. The latter count.
Trace new_working_set(std::uint32_t capacity);
/// The same, but the keys come one after the other, over and over.
Trace new_loop(std::uint32_t capacity);

std::vector<Trace> all_traces(std::uint32_t capacity);

/// How many of 100 requests a cache can answer. `cache.request(key)` says whether it could, and has
/// the key from then on.
template <class Cache>
double hit_ratio(Cache& cache, const Trace& trace) {
    std::size_t hits = 0;
    std::size_t counted = 0;
    for (const Request& request : trace.requests) {
        const bool hit = cache.request(request.key);
        if (!request.counts) continue;
        ++counted;
        if (hit) ++hits;
    }
    return 100 * static_cast<double>(hits) / static_cast<double>(counted);
}

}  // namespace clacks::bench
