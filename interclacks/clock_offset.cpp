#include "interclacks/clock_offset.hpp"

#include <algorithm>

namespace clacks::interclacks {

void ClockOffset::sample(WallTime asked, WallTime told, WallTime heard) {
    // A clock that was set back between question and answer must not turn the range round.
    const auto [earliest, latest] = std::minmax(asked, heard);
    const auto lowest = earliest - told;
    const auto highest = latest - told;
    if (sampled_ && lowest <= highest_ && lowest_ <= highest) {
        lowest_ = std::max(lowest_, lowest);
        highest_ = std::min(highest_, highest);
    } else {
        lowest_ = lowest;
        highest_ = highest;
    }
    sampled_ = true;
    offset_ = std::clamp(std::chrono::microseconds(0), lowest_, highest_);
}

}  // namespace clacks::interclacks
