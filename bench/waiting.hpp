#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "bench/measurement.hpp"
#include "bench/percentile.hpp"

namespace clacks::bench {

/// How long clients waited for the answers to their batches.
struct Waiting {
    double operations_per_second;
    nanoseconds p50;
    nanoseconds p99;
    nanoseconds p999;

    /// `times` is not empty.
    static Waiting from(const Measurement& cost, std::vector<nanoseconds> times) {
        std::sort(times.begin(), times.end());
        return {cost.operations_per_second(), percentile(times, 50), percentile(times, 99),
                percentile(times, 99.9)};
    }
};

}  // namespace clacks::bench
