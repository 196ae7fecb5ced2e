#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace clacks::node {

/// What a monitor is not shown, until it has been told: more than a worker may show it
/// (LineBudget), and all from the time that half of limits.output is waiting for it until less than
/// a quarter is. Safe from any thread. Source: protocol.txt, "MONITOR".
class MissedLines {
public:
    /// Whether `bytes` more are sent to it, while `waiting` wait.
    bool admits(std::size_t waiting, std::size_t bytes, std::size_t limit) {
        const bool was_behind = behind_.load(std::memory_order_relaxed);
        const bool fits = waiting == 0 || waiting + bytes <= limit;
        const bool behind = !fits || waiting > (was_behind ? limit / 4 : limit / 2);
        if (behind != was_behind) behind_.store(behind, std::memory_order_relaxed);
        return !behind;
    }

    void add(std::uint64_t lines) { lines_.fetch_add(lines, std::memory_order_relaxed); }
    /// How many there are to tell of; they count as told then.
    std::uint64_t take() {
        if (lines_.load(std::memory_order_relaxed) == 0) return 0;
        return lines_.exchange(0, std::memory_order_relaxed);
    }

private:
    std::atomic<std::uint64_t> lines_{0};
    std::atomic<bool> behind_{false};
};

}  // namespace clacks::node
