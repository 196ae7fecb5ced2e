#pragma once

#include <algorithm>
#include <chrono>

// How long the tests wait: for a condition, never for a time to pass.
namespace clacks::test {

/// After so long something is not slow but will not happen. Generous: under a sanitizer, beside
/// other tests, everything takes its time.
inline constexpr std::chrono::seconds patience{100};

using Deadline = std::chrono::steady_clock::time_point;

inline Deadline deadline_from_now() { return std::chrono::steady_clock::now() + patience; }

/// What is left, as poll() takes it: 0 when nothing is.
inline int milliseconds_until(Deadline deadline) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    return static_cast<int>(std::max<std::chrono::milliseconds::rep>(left.count(), 0));
}

}  // namespace clacks::test
