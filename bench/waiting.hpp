#pragma once

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "bench/measurement.hpp"
#include "bench/percentile.hpp"

namespace clacks::bench {

/// What batches cost, and how long each of them waited for its answer, in their order.
struct Batches {
    Measurement cost;
    std::vector<nanoseconds> times;

    void add(const Measurement& more, const std::vector<nanoseconds>& more_times) {
        cost += more;
        times.insert(times.end(), more_times.begin(), more_times.end());
    }
};

/// How long clients waited for the answers to their batches.
struct Waiting {
    double operations_per_second;
    nanoseconds p50;
    nanoseconds p99;
    nanoseconds p999;
    /// Of the median slice of 500 batches: what else the machine does for some milliseconds spoils
    /// some slices, and so does a stall of the server.
    nanoseconds p99_of_slice;

    /// There are some.
    static Waiting from(const Batches& batches) {
        auto times = batches.times;
        const auto of_slice = median_p99(times);
        std::sort(times.begin(), times.end());
        return {batches.cost.operations_per_second(), percentile(times, 50), percentile(times, 99),
                percentile(times, 99.9), of_slice};
    }

private:
    static nanoseconds median_p99(const std::vector<nanoseconds>& times) {
        const auto slice = std::min<std::ptrdiff_t>(500, std::ssize(times));
        std::vector<nanoseconds> each;
        for (auto begin = times.begin(); times.end() - begin >= slice; begin += slice) {
            std::vector<nanoseconds> some(begin, begin + slice);
            std::sort(some.begin(), some.end());
            each.push_back(percentile(some, 99));
        }
        std::sort(each.begin(), each.end());
        return percentile(each, 50);
    }
};

}  // namespace clacks::bench
