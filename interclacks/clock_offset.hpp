#pragma once

#include <chrono>

#include "protocol/time.hpp"

namespace clacks::interclacks {

/// How far a peer's clock is from ours, learned from one question and answer.
///
/// The peer read its clock (`told`) at some moment between our question (`asked`) and its answer's
/// arrival (`heard`), so what must be added to its times lies between asked - told and
/// heard - told. Of that range we take what is nearest to zero: clocks that may agree are taken
/// to agree. So the way of a line never makes an old value look newer, which is what adding
/// heard - told does (protocol.txt, "Clocks on a plain link").
class ClockOffset {
public:
    void sample(WallTime asked, WallTime told, WallTime heard);

    /// A time of the peer's on our clock.
    WallTime to_ours(WallTime theirs) const { return theirs + offset_; }

    std::chrono::microseconds value() const { return offset_; }

private:
    std::chrono::microseconds offset_{0};
};

}  // namespace clacks::interclacks
