#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "bench/measurement.hpp"

namespace clacks::bench {

/// Throws a Violation that shows where what arrived departs from what was expected.
[[noreturn]] inline void report_mismatch(std::string_view expected, std::string_view got) {
    constexpr std::size_t shown = 60;
    const auto [there, here] =
        std::mismatch(expected.begin(), expected.end(), got.begin(), got.end());
    const auto at = static_cast<std::size_t>(there - expected.begin());
    const auto from = at - std::min(at, shown / 2);
    throw Violation(fmt::format("byte {} of an answer: expected {:?} but got {:?}", at,
                                expected.substr(from, shown), got.substr(from, shown)));
}

}  // namespace clacks::bench
