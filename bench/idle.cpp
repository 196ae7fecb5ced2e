#include "bench/idle.hpp"

#include <vector>

namespace clacks::bench {

namespace {

/// Whom the server answers it has accepted, and all before it.
double settled_bytes(const Target& target, Connection& newest) {
    const auto& dialect = target.dialect();
    if (!dialect.settle.empty()) newest.ask(dialect.settle, dialect.settled);
    return static_cast<double>(target.process().resident_bytes());
}

}  // namespace

double idle_connection_bytes(const Target& target, unsigned connections) {
    constexpr unsigned warm_up = 8;
    std::vector<Connection> open;
    open.reserve(warm_up + connections);
    for (unsigned i = 0; i < warm_up; ++i) open.push_back(target.connect());
    const double before = settled_bytes(target, open.back());
    for (unsigned i = 0; i < connections; ++i) open.push_back(target.connect());
    const double after = settled_bytes(target, open.back());
    return (after - before) / connections;
}

}  // namespace clacks::bench
