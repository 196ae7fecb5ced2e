#include "server/heap.hpp"

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <fstream>
#include <limits>
#include <mutex>
#include <stop_token>
#include <utility>

namespace clacks::server {
namespace {

using std::chrono::steady_clock;

/// What the process takes of the machine's memory, in bytes: proc(5), statm.
std::size_t resident_bytes() {
    static const auto page_bytes = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    std::ifstream statm("/proc/self/statm");
    std::size_t all = 0;
    std::size_t resident = 0;
    statm >> all >> resident;
    return resident * page_bytes;
}

/// Decides when to look for gaps. Other things than gaps may take memory, too: the more often
/// nothing is found, the longer it waits, unless they grow.
class Trimmer {
public:
    explicit Trimmer(std::function<std::size_t()> used) : used_(std::move(used)) {}

    void look() {
        const std::size_t now = excess();
        least_ = std::min(least_, now);
        const std::size_t worth_it = std::max(least_gain, used_() / 16);
        const bool grows = now >= after_last_ + worth_it;
        const auto began = steady_clock::now();
        if (now < least_ + worth_it || began < (grows ? rested_ : next_)) return;
        ::malloc_trim(0);
        const auto ended = steady_clock::now();
        after_last_ = excess();
        const bool gained = after_last_ + worth_it / 2 <= now;
        pause_ = gained ? shortest_pause : std::min(2 * pause_, longest_pause);
        rested_ = ended + rest_after * (ended - began);
        next_ = std::max(rested_, ended + pause_);
    }

private:
    static constexpr std::size_t least_gain = 4U << 20U;
    static constexpr std::chrono::seconds shortest_pause{1};
    static constexpr std::chrono::seconds longest_pause{64};
    static constexpr int rest_after = 50;  ///< times as long as the heap was locked

    /// What is more than the store counts.
    std::size_t excess() const {
        const std::size_t resident = resident_bytes();
        return resident - std::min(resident, used_());
    }

    const std::function<std::size_t()> used_;
    std::size_t least_ = std::numeric_limits<std::size_t>::max();  ///< the program itself
    std::size_t after_last_ = 0;
    std::chrono::seconds pause_ = shortest_pause;
    steady_clock::time_point rested_{};
    steady_clock::time_point next_{};
};

void keep_trimmed(const std::stop_token& stop, std::function<std::size_t()> used) {
    constexpr std::chrono::milliseconds interval{250};
    Trimmer trimmer(std::move(used));
    std::mutex mutex;
    std::condition_variable_any stopped;
    std::unique_lock lock(mutex);
    while (!stopped.wait_for(lock, stop, interval, [&] { return stop.stop_requested(); }))
        trimmer.look();
}

}  // namespace

void share_heap() {
    ::mallopt(M_ARENA_MAX, 1);
    constexpr int as_the_cache_counts = 128 * 1024;  // cache/footprint.hpp
    ::mallopt(M_MMAP_THRESHOLD, as_the_cache_counts);
}

HeapTrimming::HeapTrimming(std::function<std::size_t()> used)
    : thread_([used = std::move(used)](const std::stop_token& stop) { keep_trimmed(stop, used); }) {
}

}  // namespace clacks::server
