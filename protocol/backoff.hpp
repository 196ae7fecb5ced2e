#pragma once

#include <chrono>

namespace clacks::protocol {

/// How long to wait before connecting again: exponential with full jitter, so that the slaves and
/// clients of a node that comes back do not all knock in the same second. No clock, no dice.
/// Source: Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015.
class Backoff {
public:
    using milliseconds = std::chrono::milliseconds;

    /// The delays are drawn below `first`, 2·first, 4·first … and at most `longest`.
    Backoff(milliseconds first, milliseconds longest) : first_(first), longest_(longest) {}

    /// The next delay. `random` is uniform in [0, 1).
    milliseconds next(double random);

    /// A connection came to life: the next failure starts from the shortest delay again.
    void reset() { failures_ = 0; }

private:
    milliseconds first_;
    milliseconds longest_;
    unsigned failures_ = 0;
};

}  // namespace clacks::protocol
