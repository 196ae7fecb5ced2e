#pragma once

#include <cstddef>
#include <functional>
#include <thread>

namespace clacks::server {

/// Makes the process give back, or use again, what its store does not need any more (glibc). One
/// heap for all threads: with one each, what is evicted by one worker does not serve the others,
/// and the process takes up to three times cache.memory. And large values have pages of their own,
/// always, not only until the first of them has been freed. Before any thread is started.
void share_heap();

/// Gives the gaps in the heap back to the system as they grow. When the sizes of values change,
/// what was evicted leaves gaps that the new ones do not fit into, and the process would take up to
/// twice what the store counts.
class HeapTrimming {
public:
    /// `used`: the memory that the store counts, in bytes; from another thread, until the end of
    /// this.
    explicit HeapTrimming(std::function<std::size_t()> used);

private:
    std::jthread thread_;
};

}  // namespace clacks::server
