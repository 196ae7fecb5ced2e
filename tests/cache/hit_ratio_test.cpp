// The policy on the traces of bench/, small, beside an exact LRU. bench/eviction.cpp prints them.
#include <doctest/doctest.h>

#include "bench/bounded_store.hpp"
#include "bench/exact_lru.hpp"
#include "bench/traces.hpp"

using namespace clacks::bench;

namespace {

constexpr std::uint32_t capacity = 20'000;

/// By how many of 100 requests more than with an LRU the store has what is asked for.
double gain(const Trace& trace) {
    BoundedStore store(capacity);
    ExactLru lru(capacity);
    return hit_ratio(store, trace) - hit_ratio(lru, trace);
}

}  // namespace

TEST_CASE("hit ratio: with popular keys it is as good as LRU, with scans much better") {
    CHECK(gain(zipf(capacity)) > 0);
    CHECK(gain(zipf_with_scans(capacity)) > 5);
}

TEST_CASE("hit ratio: of a loop that does not fit, the part that does is found") {
    CHECK(gain(loop(capacity)) > 40);
}

TEST_CASE("hit ratio: a new working set takes its place not much later than with LRU") {
    CHECK(gain(new_working_set(capacity)) > -8);
    CHECK(gain(new_loop(capacity)) > -12);
}
