#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "protocol/time.hpp"

namespace clacks::node {

/// How much one worker shows a monitor: so many bytes a second, and a quarter of that at once (a
/// bucket of tokens). When it is used up nothing is shown until a thirty-second of a second is
/// saved: then what is missing lies together, not between every two lines. Of one worker only.
class LineBudget {
public:
    /// Whether a line of so many bytes is shown. `rate`: bytes a second, not 0.
    bool admits(std::size_t bytes, MonoTime now, std::size_t rate) {
        const auto a_second = static_cast<std::int64_t>(rate) * parts;
        const auto at_once = a_second / 4;
        if (now > renewed_) renew(now, static_cast<std::int64_t>(rate), at_once);
        spent_ = left_ <= (spent_ ? a_second / 32 : 0);
        if (spent_) return false;
        // One line may be larger than all that: the next ones wait for that only.
        left_ = std::max(left_ - static_cast<std::int64_t>(bytes) * parts, -at_once);
        return true;
    }

private:
    /// Of a byte: what a rate of one saves in a microsecond.
    static constexpr std::int64_t parts = 1'000'000;

    void renew(MonoTime now, std::int64_t rate, std::int64_t at_once) {
        constexpr std::chrono::microseconds longest = std::chrono::seconds(1);
        const auto passed = std::chrono::floor<std::chrono::microseconds>(now - renewed_);
        left_ = std::min(left_ + rate * std::min(passed, longest).count(), at_once);
        renewed_ += passed;
    }

    MonoTime renewed_{};
    std::int64_t left_ = 0;  ///< in parts of a byte
    bool spent_ = false;
};

}  // namespace clacks::node
