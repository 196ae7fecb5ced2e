#pragma once

#include <memory>
#include <vector>

#include "bench/measurement.hpp"
#include "bench/target.hpp"

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

/// What it cost one server, and how long each batch waited.
struct Cached {
    Measurement cost;
    std::vector<nanoseconds> batch_times;
};

/// Loads them in turns. Their results, in their order.
std::vector<Cached> load_caches(const std::vector<std::unique_ptr<Target>>& targets,
                                const CacheLoad& load);

}  // namespace clacks::bench
