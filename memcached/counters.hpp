#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace clacks::memcached {

enum class Count : std::uint8_t {
    commands_set,
    commands_flush,
    commands_meta,
    get_hits,
    get_misses,
    get_expired,
    delete_hits,
    delete_misses,
    incr_hits,
    incr_misses,
    decr_hits,
    decr_misses,
    cas_hits,
    cas_misses,
    cas_badval,
    touch_hits,
    touch_misses,
    store_too_large,
    store_no_memory,
    auth_commands,
    auth_errors,
    bytes_read,
    bytes_written,
    total_items,
    yields,      ///< of connections with more to say to others
    idle_kicks,  ///< connections that were closed for their silence
};
inline constexpr std::size_t count_count = static_cast<std::size_t>(Count::idle_kicks) + 1;

/// What has happened on one worker, the only one that writes; read from any thread.
class alignas(64) Counters {
public:
    void add(Count what, std::uint64_t number = 1) {
        auto& count = counts_[static_cast<std::size_t>(what)];
        count.store(count.load(std::memory_order_relaxed) + number, std::memory_order_relaxed);
    }
    std::uint64_t of(Count what) const {
        return counts_[static_cast<std::size_t>(what)].load(std::memory_order_relaxed);
    }

private:
    std::array<std::atomic<std::uint64_t>, count_count> counts_{};
};

/// Sums of several workers, less what they were at the last `stats reset`.
struct Counts {
    std::array<std::uint64_t, count_count> of{};

    std::uint64_t operator[](Count what) const { return of[static_cast<std::size_t>(what)]; }
    void add(const Counters& counters) {
        for (std::size_t i = 0; i < count_count; ++i) of[i] += counters.of(static_cast<Count>(i));
    }
    void subtract(const Counts& base) {
        for (std::size_t i = 0; i < count_count; ++i) of[i] -= base.of[i];
    }
};

}  // namespace clacks::memcached
