#pragma once

#include <chrono>
#include <cstdint>

namespace clacks::persistence {

/// When snapshots begin, and how long each may take, so that what changes is in the file within one
/// interval: all that was there before the last one began is in it, so the next has to be done an
/// interval after that beginning, and begins as much earlier as it will take.
///
///     |<------------- interval ------------->|
///     |begun    done|          |begins   done|
///
/// Pure: the time comes in. Bytes are those of the store's memory.
class Schedule {
public:
    using Clock = std::chrono::steady_clock;
    using Time = Clock::time_point;

    /// At `now` nothing has to be saved.
    Schedule(Clock::duration interval, Time now)
        : interval_(interval), promised_(interval), all_before_(now), tried_(now) {}

    void set_interval(Clock::duration interval);

    /// The next one has to begin, if it has so much to write. After one that failed: an interval
    /// after that one.
    Time begin(std::uint64_t bytes) const;
    /// By when to ask again for begin(), as there may be more to write by then.
    Time next_look(Time now, Time begin) const;
    /// By when one that is being made is to be done, with half of the reserve left.
    Time due() const { return all_before_ + interval_ - reserve() / 2; }
    /// So much time has to be left for what is still to be written, by a thread that shares a
    /// processor with others.
    static Clock::duration time_for(std::uint64_t bytes);

    /// Something that changed is not in the file after an interval. One that was made shorter
    /// counts from the next snapshot on.
    bool is_late(Time now) const { return now > all_before_ + promised_; }

    void succeeded(Time began);
    void failed(Time began);

private:
    Clock::duration reserve() const;

    Clock::duration interval_;
    Clock::duration promised_;  ///< the longest interval since then
    Time all_before_;           ///< is in the file
    Time tried_;
    bool failing_ = false;
};

}  // namespace clacks::persistence
