#pragma once

#include <chrono>

#include "protocol/time.hpp"

namespace clacks::interclacks {

/// How far a peer's clock is from ours, learned from questions and answers.
///
/// The peer read its clock (`told`) at some moment between our question (`asked`) and its answer's
/// arrival (`heard`), so what must be added to its times lies between asked - told and
/// heard - told. Of that range we take what is nearest to zero: clocks that may agree are taken
/// to agree. So the way of a line never makes an old value look newer, which is what adding
/// heard - told does (protocol.txt, "Clocks on a plain link"). Further samples narrow the range;
/// one that contradicts it replaces it: somebody has set a clock.
class ClockOffset {
public:
    void sample(WallTime asked, WallTime told, WallTime heard);

    /// A time of the peer's on our clock.
    WallTime to_ours(WallTime theirs) const { return theirs + offset_; }

    std::chrono::microseconds value() const { return offset_; }

    /// How wide the range is; nothing before the first sample.
    std::chrono::microseconds doubt() const { return highest_ - lowest_; }

private:
    std::chrono::microseconds offset_{0};
    std::chrono::microseconds lowest_{0};
    std::chrono::microseconds highest_{0};
    bool sampled_ = false;
};

}  // namespace clacks::interclacks
