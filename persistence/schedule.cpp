#include "persistence/schedule.hpp"

#include <algorithm>

namespace clacks::persistence {
namespace {

using namespace std::chrono_literals;
using Duration = Schedule::Clock::duration;

// Measured on two cores that clients keep busy: entries of 112 bytes are written in a microsecond
// each, by whoever shares a core with them, and in half of it where one is free.
constexpr std::uint64_t usual_bytes_a_microsecond = 32;
constexpr std::uint64_t least_bytes_a_microsecond = 128;

constexpr Duration least = 10ms;
/// What a busy machine or disk may delay it by without harm.
constexpr Duration most_reserve = 1s;

Duration usual_time(std::uint64_t bytes) {
    return std::chrono::microseconds(bytes / usual_bytes_a_microsecond);
}

}  // namespace

/// Of the interval, for what may go wrong.
Duration Schedule::reserve() const { return std::clamp(interval_ / 8, least, most_reserve); }

Schedule::Time Schedule::begin(std::uint64_t bytes) const {
    if (failing_) return tried_ + interval_;
    // One that takes longer than half of it would need as long as there is between two.
    return all_before_ + interval_ - std::min(interval_ / 2, reserve() + usual_time(bytes));
}

Schedule::Time Schedule::next_look(Time now, Time begin) const {
    return std::min(begin, now + std::max<Duration>((begin - now) / 2, least));
}

Schedule::Clock::duration Schedule::time_for(std::uint64_t bytes) {
    return std::chrono::microseconds(bytes / least_bytes_a_microsecond);
}

void Schedule::set_interval(Clock::duration interval) {
    interval_ = interval;
    promised_ = std::max(promised_, interval);
}

void Schedule::succeeded(Time began) {
    promised_ = interval_;
    all_before_ = began;
    failing_ = false;
}

void Schedule::failed(Time began) {
    tried_ = began;
    failing_ = true;
}

}  // namespace clacks::persistence
