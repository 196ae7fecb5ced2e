#pragma once

#include "bench/target.hpp"

namespace clacks::bench {

/// How long a RETRIEVE took from the question to the answer.
struct Retrieves {
    nanoseconds p50;
    nanoseconds p99;
    nanoseconds p999;
    double keys_per_second = 0;  ///< listed meanwhile
};

/// One client that retrieves, one value after the other, while nobody and then while another client
/// lists all keys in pages, over and over. Clacks only.
struct Listed {
    Retrieves alone;
    Retrieves beside_list;
};

/// `keys` are stored first, and each list must hold exactly so many.
Listed list_keys(const Target& target, unsigned keys, unsigned page, nanoseconds duration);

}  // namespace clacks::bench
