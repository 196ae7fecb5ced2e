#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <vector>

namespace clacks::simulation {

/// Time since the beginning of the simulation.
using SimTime = std::chrono::microseconds;

/// What is going to happen: the only clock of a simulation. Events of the same time happen in the
/// order in which they were asked for, so a run can be repeated exactly.
class Events {
public:
    /// Messages keep a simulation busy; timers only wait for their time.
    enum class Kind : std::uint8_t { message, timer };

    SimTime now() const { return now_; }

    void at(SimTime time, Kind kind, std::function<void()> action);
    void after(SimTime delay, Kind kind, std::function<void()> action) {
        at(now_ + delay, kind, std::move(action));
    }

    /// Lets the next event happen. False if there is none.
    bool step();
    /// Lets everything happen up to this time, which it then is.
    void run_until(SimTime time);

    /// Whether there are messages on their way.
    bool busy() const { return message_count_ > 0; }
    /// How many events have happened.
    std::uint64_t count() const { return happened_; }

private:
    struct Event {
        SimTime time;
        std::uint64_t order;
        Kind kind;
        std::function<void()> action;
    };
    static bool later(const Event& a, const Event& b) {
        return a.time != b.time ? a.time > b.time : a.order > b.order;
    }

    SimTime now_{0};
    std::vector<Event> heap_;  ///< the earliest first
    std::uint64_t asked_ = 0;
    std::uint64_t happened_ = 0;
    std::uint64_t message_count_ = 0;
};

}  // namespace clacks::simulation
