#pragma once

#include <atomic>
#include <cstdint>

namespace clacks::node {

/// What one worker has counted since the start. Only that worker adds; STATUS reads from any.
struct alignas(64) Counters {
    using Count = std::atomic<std::uint64_t>;
    Count lines{0};       ///< executed or refused, after the login
    Count signals{0};     ///< NOTIFY, SET, SETANDSTORE
    Count deliveries{0};  ///< of signals, to listeners
    Count writes{0};      ///< changes of the store
    Count reads{0};       ///< values asked for
    Count hits{0};        ///< and found
    Count denied{0};      ///< for lack of permission
    Count refused{0};     ///< unknown or malformed
    Count no_room{0};     ///< for lack of room in the store
    Count logins{0};
    Count failed_logins{0};

    /// A plain addition: no other thread adds.
    static void add(Count& count, std::uint64_t more = 1) {
        count.store(count.load(std::memory_order_relaxed) + more, std::memory_order_relaxed);
    }
};

}  // namespace clacks::node
