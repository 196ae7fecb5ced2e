#include "bench/idle.hpp"

#include <vector>

namespace clacks::bench {

double idle_connection_bytes(const Target& target, unsigned connections) {
    constexpr unsigned warm_up = 8;
    std::vector<Connection> open;
    open.reserve(warm_up + connections);
    for (unsigned i = 0; i < warm_up; ++i) open.push_back(target.connect());
    const auto before = static_cast<double>(target.process().resident_bytes());
    for (unsigned i = 0; i < connections; ++i) open.push_back(target.connect());
    const auto after = static_cast<double>(target.process().resident_bytes());
    return (after - before) / connections;
}

}  // namespace clacks::bench
