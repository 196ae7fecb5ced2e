#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "protocol/time.hpp"

namespace clacks::node {

/// How much one worker shows a monitor: so many bytes a second, and what was not used of them for a
/// quarter of a second (a bucket of tokens). When it is used up nothing is shown until a
/// thirty-second of a second is saved: then what is missing lies together, not between every two
/// lines. Of one worker only.
class LineBudget {
public:
    /// Whether a line of so many bytes is shown. `rate`: bytes a second, not 0.
    bool admits(std::size_t bytes, MonoTime now, std::size_t rate) {
        renew(now, rate);
        spent_ = left_ <= (spent_ ? of_a_second(rate) / 32 : 0);
        if (spent_) return false;
        left_ -= static_cast<std::int64_t>(bytes) * parts;
        return true;
    }
    /// What is shown in any case. As after a line that is larger than all that is saved, the next
    /// ones wait until it is paid for, some seconds at most.
    void charge(std::size_t bytes, MonoTime now, std::size_t rate) {
        renew(now, rate);
        left_ -= static_cast<std::int64_t>(bytes) * parts;
    }

private:
    using microseconds = std::chrono::microseconds;

    /// Of a byte: what a rate of one saves in a microsecond.
    static constexpr std::int64_t parts = 1'000'000;

    static std::int64_t of_a_second(std::size_t rate) {
        return static_cast<std::int64_t>(rate) * parts;
    }

    void renew(MonoTime now, std::size_t rate) {
        if (now - renewed_ < microseconds(1)) return;
        constexpr std::int64_t seconds_owed = 4;
        const auto passed = std::chrono::floor<microseconds>(now - renewed_);
        const auto counted = std::min<microseconds>(passed, std::chrono::seconds(seconds_owed + 1));
        left_ = std::max(left_, -of_a_second(rate) * seconds_owed);
        left_ += static_cast<std::int64_t>(rate) * counted.count();
        left_ = std::min(left_, of_a_second(rate) / 4);
        renewed_ += passed;
    }

    MonoTime renewed_{};
    std::int64_t left_ = 0;  ///< in parts of a byte
    bool spent_ = false;
};

}  // namespace clacks::node
