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
/// What a machine delays them by is not known before it happens: some time is kept in reserve,
/// and more after one that took longer than was thought, and for the first ones of short intervals.
/// A longer delay than that, which comes out of the blue, makes one late.
///
/// Pure: the time comes in. Bytes are those of the store's memory.
class Schedule {
public:
    using Clock = std::chrono::steady_clock;
    using Time = Clock::time_point;
    using Duration = Clock::duration;

    /// At `now` nothing has to be saved.
    Schedule(Duration interval, Time now);

    void set_interval(Duration interval);

    /// The next one has to begin, if it has so much to write. After one that failed: an interval
    /// after that one.
    Time begin(std::uint64_t bytes) const;
    /// By when to ask again for begin(), as there may be more to write by then.
    Time next_look(Time now, Time begin) const;
    /// By when one that is being made is to be done: before it has to be.
    Time due() const;
    /// One that is being made in the time that others leave may not be done by then if it is left
    /// to that, having to write so much more. It ends when a step of it does, of which the
    /// longest has taken so long, up to now or as far as it has come.
    bool hurries(Time now, std::uint64_t bytes, Duration longest_step) const;
    /// What is still to be written takes so much time, at most, by a thread that shares a processor
    /// with others.
    static Duration time_for(std::uint64_t bytes);

    /// Something that changed is not in the file after an interval. One that was made shorter
    /// counts from the next snapshot on.
    bool is_late(Time now) const { return now > all_before_ + promised_; }

    /// `learns`: from it can be seen what delays there are.
    void succeeded(Time began, Time done, bool learns);
    void failed(Time began);

private:
    Duration reserve() const;
    void learn(Time done);

    Duration interval_;
    Duration promised_;  ///< the longest interval since then
    Duration delays_;    ///< such as there have been lately: so much time may be lost behind due()
    Time all_before_;    ///< is in the file
    Time tried_;
    bool failing_ = false;
};

}  // namespace clacks::persistence
