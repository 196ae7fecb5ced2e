#include "server/heap.hpp"

#include <malloc.h>

namespace clacks::server {

void share_heap() {
    ::mallopt(M_ARENA_MAX, 1);
    constexpr int as_the_cache_counts = 128 * 1024;  // cache/footprint.hpp
    ::mallopt(M_MMAP_THRESHOLD, as_the_cache_counts);
}

}  // namespace clacks::server
