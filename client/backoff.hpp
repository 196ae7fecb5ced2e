#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace clacks::detail {

/// How long to wait before trying again: exponential, with full jitter, so that the clients of a
/// node that restarts do not return all at once. No clock and no dice: the caller throws them.
class Backoff {
public:
    using milliseconds = std::chrono::milliseconds;

    Backoff(milliseconds delay, milliseconds delay_max)
        : delay_(std::min(delay, delay_max)), delay_max_(delay_max), bound_(delay_) {}

    /// A random part of the bound, which doubles up to its maximum. `random`: any number.
    milliseconds next(std::uint64_t random) {
        const auto bound = static_cast<std::uint64_t>(std::max(bound_.count(), std::int64_t{0}));
        bound_ = bound_ > delay_max_ / 2 ? delay_max_ : bound_ * 2;
        return milliseconds(static_cast<std::int64_t>(random % (bound + 1)));
    }

    void reset() { bound_ = delay_; }

private:
    milliseconds delay_;
    milliseconds delay_max_;
    milliseconds bound_;
};

}  // namespace clacks::detail
