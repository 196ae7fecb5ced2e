#include "tests/simulation/sim_events.hpp"

#include <algorithm>
#include <utility>

namespace clacks::simulation {

void Events::at(SimTime time, Kind kind, std::function<void()> action) {
    heap_.push_back({std::max(time, now_), asked_++, kind, std::move(action)});
    std::push_heap(heap_.begin(), heap_.end(), later);
    if (kind == Kind::message) ++message_count_;
}

bool Events::step() {
    if (heap_.empty()) return false;
    std::pop_heap(heap_.begin(), heap_.end(), later);
    const Event event = std::move(heap_.back());
    heap_.pop_back();
    now_ = event.time;
    ++happened_;
    event.action();
    if (event.kind == Kind::message) --message_count_;  // what came of it keeps us busy already
    return true;
}

void Events::run_until(SimTime time) {
    while (!heap_.empty() && heap_.front().time <= time) step();
    now_ = std::max(now_, time);
}

}  // namespace clacks::simulation
