#pragma once

#include <cstddef>
#include <cstdint>
#include <random>

#include "tests/simulation/sim_events.hpp"

namespace clacks::simulation {

/// The one source of chance in a simulation. The same seed gives the same run with any compiler:
/// the distributions of the standard library do not promise that.
class Random {
public:
    explicit Random(std::uint64_t seed) : engine_(seed) {}

    /// Uniform in [0, end).
    std::size_t below(std::size_t end) { return static_cast<std::size_t>(engine_()) % end; }
    /// Uniform in [first, last].
    SimTime between(SimTime first, SimTime last) {
        return first + SimTime(below(static_cast<std::size_t>((last - first).count()) + 1));
    }
    std::uint64_t number() { return engine_(); }
    /// True once in `times`.
    bool one_in(std::size_t times) { return below(times) == 0; }
    /// Uniform in [0, 1).
    double unit() { return static_cast<double>(engine_() >> 11U) * 0x1.0p-53; }
    template <class Container>
    auto& pick(Container& from) {
        return from[below(from.size())];
    }

private:
    std::mt19937_64 engine_;
};

}  // namespace clacks::simulation
