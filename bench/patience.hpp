#pragma once

#include <chrono>

namespace clacks::bench {

/// How long a server may take for anything before the run is given up.
inline constexpr std::chrono::nanoseconds patience = std::chrono::seconds(10);

}  // namespace clacks::bench
