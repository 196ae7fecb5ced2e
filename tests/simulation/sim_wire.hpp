#pragma once

#include <array>
#include <memory>
#include <string>

#include "tests/simulation/sim_events.hpp"
#include "tests/simulation/sim_random.hpp"

namespace clacks::simulation {

/// Who holds one end of a wire. Leaves it (Wire::close) before it is destroyed.
class WireEnd {
public:
    virtual void receive(std::string bytes) = 0;
    /// The other side has closed, or the wire has been reset. Nothing comes any more.
    virtual void hung_up() = 0;

protected:
    ~WireEnd() = default;
};

/// How long a piece is under way: something between these.
struct Delay {
    SimTime shortest{0};
    SimTime longest{0};
};

/// A connection: carries bytes both ways, in order, each piece after a delay of its own and cut
/// anywhere, as TCP does. Whatever goes wrong on a real one goes wrong here when it is told to.
class Wire : public std::enable_shared_from_this<Wire> {
public:
    /// Nothing arrives before `opens` (a handshake goes first).
    Wire(Events& events, Random& random, Delay delay, WireEnd& one, WireEnd& other, SimTime opens);

    void send(const WireEnd& from, std::string bytes);
    /// `from` is gone. The other end hears of it after everything that was sent.
    void close(const WireEnd& from);
    /// Both ends are told that it is over; what is under way is lost.
    void reset();
    /// What is under way is lost, nothing gets through any more, and nobody is told.
    void go_silent() { silent_ = true; }
    bool silent() const { return silent_; }

private:
    /// The way to one of the ends.
    struct Lane {
        WireEnd* const to;
        SimTime last_arrival;
        bool open = true;  ///< `to` is still there
    };
    Lane& lane_to(const WireEnd& end) { return lanes_[lanes_[0].to == &end ? 0 : 1]; }
    Lane& lane_from(const WireEnd& end) { return lanes_[lanes_[0].to == &end ? 1 : 0]; }
    void deliver(Lane& lane, std::string piece);
    void hang_up(Lane& lane);
    SimTime arrival(Lane& lane);

    Events& events_;
    Random& random_;
    const Delay delay_;
    std::array<Lane, 2> lanes_;
    bool silent_ = false;
};

}  // namespace clacks::simulation
