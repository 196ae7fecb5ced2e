#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "bench/process.hpp"

namespace clacks::bench {

/// `sorted` is not empty.
inline nanoseconds percentile(const std::vector<nanoseconds>& sorted, double percent) {
    const auto rank = static_cast<std::size_t>(percent / 100 * static_cast<double>(sorted.size()));
    return sorted[std::min(rank, sorted.size() - 1)];
}

}  // namespace clacks::bench
