#pragma once

#include <vector>

#include "bench/target.hpp"
#include "bench/waiting.hpp"

namespace clacks::bench {

/// Nine gets for a set, by all connections at the same time.
struct CacheLoad {
    unsigned connections;
    unsigned depth;  ///< of a batch
    nanoseconds
        interval;  ///< between the beginnings of two batches; 0: as fast as they are answered
    nanoseconds duration;  ///< of all that is measured of a server
    bool bound;            ///< see Binding
};

/// Loads them in turns. What they gave, in their order.
std::vector<Batches> load_caches(const Targets& targets, const CacheLoad& load);

}  // namespace clacks::bench
