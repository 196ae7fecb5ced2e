#include "interclacks/clock_offset.hpp"

#include <algorithm>

namespace clacks::interclacks {

void ClockOffset::sample(WallTime asked, WallTime told, WallTime heard) {
    // A clock that was set back between question and answer must not turn the range round.
    const auto [earliest, latest] = std::minmax(asked, heard);
    offset_ = std::clamp(std::chrono::microseconds(0), earliest - told, latest - told);
}

}  // namespace clacks::interclacks
