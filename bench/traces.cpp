#include "bench/traces.hpp"

#include <algorithm>
#include <cmath>
#include <random>

namespace clacks::bench {
namespace {

using Random = std::mt19937;

/// Numbers below `count`, the smaller the likelier: 1, 1/2, 1/3 …
class Zipf {
public:
    explicit Zipf(std::uint32_t count) : sums_(count) {
        double sum = 0;
        for (std::uint32_t i = 0; i < count; ++i) sums_[i] = sum += 1.0 / (i + 1);
    }
    std::uint32_t operator()(Random& random) const {
        const double at = std::uniform_real_distribution<double>(0, sums_.back())(random);
        const auto found = std::lower_bound(sums_.begin(), sums_.end(), at);
        return static_cast<std::uint32_t>(found - sums_.begin());
    }

private:
    std::vector<double> sums_;
};

/// Keys of other parts of a trace begin here.
constexpr std::uint32_t elsewhere = 1U << 30U;

}  // namespace

Trace zipf(std::uint32_t capacity) {
    Trace trace{"Zipf", {}};
    Random random(1);
    const Zipf keys(10 * capacity);
    const std::uint32_t warm_up = 10 * capacity;
    for (std::uint32_t i = 0; i < 3 * warm_up; ++i) {
        trace.requests.push_back({keys(random), i >= warm_up});
    }
    return trace;
}

Trace zipf_with_scans(std::uint32_t capacity) {
    Trace trace{"Zipf with scans", {}};
    std::uint32_t cold = elsewhere;
    const Trace hot = zipf(capacity);
    for (std::uint32_t i = 0; i < hot.requests.size(); ++i) {
        trace.requests.push_back(hot.requests[i]);
        if (i % (2 * capacity) != 0) continue;
        for (std::uint32_t j = 0; j < 2 * capacity; ++j) trace.requests.push_back({cold++, false});
    }
    return trace;
}

Trace loop(std::uint32_t capacity) {
    Trace trace{"loop", {}};
    const std::uint32_t keys = capacity + capacity / 10;
    for (std::uint32_t round = 0; round < 20; ++round) {
        for (std::uint32_t i = 0; i < keys; ++i) trace.requests.push_back({i, round >= 2});
    }
    return trace;
}

Trace new_working_set(std::uint32_t capacity) {
    Trace trace{"new working set", {}};
    Random random(1);
    std::uniform_int_distribution<std::uint32_t> key(0, capacity / 4 * 3 - 1);
    const std::uint32_t count = 10 * capacity;
    for (std::uint32_t i = 0; i < count; ++i) trace.requests.push_back({key(random), false});
    for (std::uint32_t i = 0; i < count; ++i) {
        trace.requests.push_back({elsewhere + key(random), true});
    }
    return trace;
}

Trace new_loop(std::uint32_t capacity) {
    Trace trace{"new loop", {}};
    const std::uint32_t keys = capacity / 4 * 3;
    for (std::uint32_t i = 0; i < 15 * keys; ++i) trace.requests.push_back({i % keys, false});
    for (std::uint32_t i = 0; i < 15 * keys; ++i) {
        trace.requests.push_back({elsewhere + i % keys, true});
    }
    return trace;
}

std::vector<Trace> all_traces(std::uint32_t capacity) {
    return {zipf(capacity), zipf_with_scans(capacity), loop(capacity), new_working_set(capacity),
            new_loop(capacity)};
}

}  // namespace clacks::bench
