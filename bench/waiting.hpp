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

    /// `times`, in their order, is not empty. p99 is that of the median slice of them: what else
    /// the machine does for a few milliseconds spoils some slices and not the figure.
    static Waiting of_median_slice(const Measurement& cost, std::vector<nanoseconds> times) {
        constexpr std::ptrdiff_t slice = 500;
        std::vector<nanoseconds> each;
        for (auto begin = times.begin(); times.end() - begin >= slice; begin += slice) {
            std::vector<nanoseconds> some(begin, begin + slice);
            std::sort(some.begin(), some.end());
            each.push_back(percentile(some, 99));
        }
        Waiting waiting = from(cost, std::move(times));
        std::sort(each.begin(), each.end());
        if (!each.empty()) waiting.p99 = percentile(each, 50);
        return waiting;
    }

    /// `times` is not empty.
    static Waiting from(const Measurement& cost, std::vector<nanoseconds> times) {
        std::sort(times.begin(), times.end());
        return {cost.operations_per_second(), percentile(times, 50), percentile(times, 99),
                percentile(times, 99.9)};
    }
};

}  // namespace clacks::bench
