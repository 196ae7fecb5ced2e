#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace clacks::node {

/// What a listener that reads too slowly does not get, if it has asked to be told of that instead
/// of being dropped (GAPS): from the time that half of limits.output is waiting until all of that
/// has been written. Safe from any thread. Source: protocol.txt, "GAPS".
class Gaps {
public:
    /// Whether a signal of this name is sent; else it is counted. `waiting()`: how many bytes wait,
    /// asked for as often as needed.
    template <class Waiting>
    bool admits(std::string_view name, Waiting&& waiting, std::size_t limit) {
        const std::lock_guard lock(mutex_);
        if (!losing_) {
            if (waiting() <= limit / 2) return true;
            losing_ = true;
            // Who has written all that in between did not see that, and will not call drained().
            losing_ = waiting() > limit / 2;
            if (!losing_) return true;
        }
        count(name);
        return false;
    }

    /// Signals are being counted: drained() has to be called.
    bool losing() const { return losing_.load(std::memory_order_relaxed); }
    /// All that was waiting has been written.
    void drained();

    /// Something is to be told.
    bool due() const { return due_.load(std::memory_order_relaxed); }

    /// Calls `send(std::string_view lines)` with what is missing, before the next signal is sent.
    template <class Send>
    void tell(Send&& send) {
        const std::lock_guard lock(mutex_);
        std::forward<Send>(send)(std::string_view(take()));
    }

private:
    void count(std::string_view name);
    std::string take();

    std::mutex mutex_;
    std::atomic<bool> losing_{false};
    std::map<std::string, std::uint64_t, std::less<>> lost_;  ///< by name
    std::atomic<bool> due_{false};
};

}  // namespace clacks::node
