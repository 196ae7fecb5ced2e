#include "tests/simulation/sim_wire.hpp"

#include <algorithm>
#include <utility>

namespace clacks::simulation {

Wire::Wire(Events& events, Random& random, Delay delay, WireEnd& one, WireEnd& other, SimTime opens)
    : events_(events),
      random_(random),
      delay_(delay),
      lanes_{Lane{&one, opens}, Lane{&other, opens}} {}

SimTime Wire::arrival(Lane& lane) {
    const SimTime soonest = events_.now() + random_.between(delay_.shortest, delay_.longest);
    lane.last_arrival = std::max(lane.last_arrival, soonest);
    return lane.last_arrival;
}

void Wire::send(const WireEnd& from, std::string bytes) {
    Lane& lane = lane_from(from);
    if (silent_ || !lane.open) return;
    while (!bytes.empty()) {
        const std::size_t size = random_.one_in(4) ? 1 + random_.below(bytes.size()) : bytes.size();
        events_.at(arrival(lane), Events::Kind::message,
                   [self = shared_from_this(), &lane, piece = bytes.substr(0, size)]() mutable {
                       self->deliver(lane, std::move(piece));
                   });
        bytes.erase(0, size);
    }
}

void Wire::deliver(Lane& lane, std::string piece) {
    if (!silent_ && lane.open) lane.to->receive(std::move(piece));
}

void Wire::close(const WireEnd& from) {
    lane_to(from).open = false;
    Lane& lane = lane_from(from);
    if (silent_ || !lane.open) return;
    events_.at(arrival(lane), Events::Kind::message,
               [self = shared_from_this(), &lane] { self->hang_up(lane); });
}

void Wire::hang_up(Lane& lane) {
    if (!silent_ && std::exchange(lane.open, false)) lane.to->hung_up();
}

void Wire::reset() {
    silent_ = true;
    for (Lane& lane : lanes_) {
        events_.after(SimTime(0), Events::Kind::message, [self = shared_from_this(), &lane] {
            if (std::exchange(lane.open, false)) lane.to->hung_up();
        });
    }
}

}  // namespace clacks::simulation
