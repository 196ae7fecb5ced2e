#include "persistence/schedule.hpp"

#include <algorithm>

namespace clacks::persistence {
namespace {

using namespace std::chrono_literals;
using Duration = Schedule::Duration;

// Measured on two cores that clients keep busy: entries of 112 bytes are written in a microsecond
// each, by whoever shares a core with them, and in half of it where one is free.
constexpr std::uint64_t usual_bytes_a_microsecond = 32;
constexpr std::uint64_t least_bytes_a_microsecond = 128;

constexpr Duration least = 10ms;
/// Half of it is as much as a busy machine was seen to delay one by.
constexpr Duration most_reserve = 2s;

/// A delay is followed by shorter and longer ones.
constexpr int delays_worth_of_time = 2;
/// Of the time for delays stays after a snapshot without one. Half is left after five of them.
constexpr double kept = 0.875;

Duration usual_time(std::uint64_t bytes) {
    return std::chrono::microseconds(bytes / usual_bytes_a_microsecond);
}

}  // namespace

Schedule::Schedule(Duration interval, Time now)
    : interval_(interval),
      promised_(interval),
      delays_(std::min(interval / 4, (most_reserve - reserve()) / 2)),
      all_before_(now),
      tried_(now) {}

/// Of the interval, for what may go wrong: half of it while others have to be waited for, half of
/// it when nobody is waited for any more.
Duration Schedule::reserve() const { return std::clamp(interval_ / 4, least, most_reserve); }

/// One that takes longer than half of the interval would need as long as there is between two.
Schedule::Time Schedule::begin(std::uint64_t bytes) const {
    if (failing_) return tried_ + interval_;
    const auto before = reserve() + delays_ + usual_time(bytes);
    return all_before_ + interval_ - std::min(interval_ / 2, before);
}

Schedule::Time Schedule::due() const {
    return all_before_ + interval_ - std::min(interval_ / 2, reserve() / 2 + delays_);
}

bool Schedule::hurries(Time now, std::uint64_t bytes, Duration longest_step) const {
    // That it has taken so long says that it may take as long again.
    return due() - now < time_for(bytes) + 2 * longest_step;
}

Schedule::Time Schedule::next_look(Time now, Time begin) const {
    return std::min(begin, now + std::max<Duration>((begin - now) / 2, least));
}

Schedule::Duration Schedule::time_for(std::uint64_t bytes) {
    return std::chrono::microseconds(bytes / least_bytes_a_microsecond);
}

void Schedule::set_interval(Duration interval) {
    interval_ = interval;
    promised_ = std::max(promised_, interval);
}

void Schedule::succeeded(Time began, Time done, bool learns) {
    // One that was tried again, or that has a shorter interval now, could not be in time.
    if (learns && !failing_ && promised_ == interval_) learn(done);
    promised_ = interval_;
    all_before_ = began;
    failing_ = false;
}

void Schedule::learn(Time done) {
    const auto delay = std::max(done - due(), Duration::zero());
    const auto rest = std::chrono::duration_cast<Duration>(kept * delays_);
    delays_ = std::min(std::max(delays_worth_of_time * delay, rest), interval_ / 2);
}

void Schedule::failed(Time began) {
    tried_ = began;
    failing_ = true;
}

}  // namespace clacks::persistence
