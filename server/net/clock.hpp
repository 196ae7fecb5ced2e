#pragma once

#include <chrono>

#include "protocol/time.hpp"

namespace clacks::net {

/// The one place of the server that reads the clocks.
class Clock {
public:
    /// `offset` shifts the wall clock: CLACKS_SIMULATED_TIME_OFFSET, for tests of trees whose
    /// clocks differ.
    explicit Clock(std::chrono::seconds offset = {}) : offset_(offset) {}

    Now now() const {
        return {.wall = std::chrono::floor<std::chrono::microseconds>(
                            std::chrono::system_clock::now()) +
                        offset_,
                .mono = std::chrono::steady_clock::now()};
    }

private:
    std::chrono::seconds offset_;
};

}  // namespace clacks::net
