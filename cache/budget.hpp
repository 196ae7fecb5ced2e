#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>

namespace clacks::cache {

/// How much memory a store may take and how much it does: records as malloc gives them, tables,
/// parts of counters, tombstones, keys of what is forgotten (Forgotten), and what is about to be
/// written (Room). Safe from any thread.
class Budget {
public:
    void set(std::size_t memory, bool evicts) {
        memory_ = memory;
        evicts_ = evicts;
    }
    std::size_t memory() const { return memory_.load(std::memory_order_relaxed); }
    /// Whether room is made for what is new; else it is refused.
    bool evicts() const { return evicts_.load(std::memory_order_relaxed); }

    std::size_t used() const { return used_.load(std::memory_order_relaxed); }
    std::size_t tombstones() const { return tombstones_.load(std::memory_order_relaxed); }

    /// What is written stays below this: what else there is beside entries doubles now and then,
    /// and is there twice meanwhile.
    std::size_t limit() const { return memory() - memory() / 64; }
    /// Tombstones beyond this much give way to others before anything living does. Where nothing is
    /// evicted, it is kept for them: or a full store could not remember what is removed.
    std::size_t tombstone_limit() const { return memory() / 8; }
    /// What one of the shards may remember of what was forgotten: all of them together a sixteenth
    /// of a small budget, and 4 MiB of a large one.
    std::size_t forgotten_limit() const {
        return std::min<std::size_t>(memory() / 512, std::size_t{128} << 10U);
    }
    /// Room is made for several writes at once, but not for so many that one would have to wait.
    std::size_t ahead() const {
        return std::min<std::size_t>(memory() / 256, std::size_t{16} << 10U);
    }
    /// How much may be used when one more living entry is in it.
    std::size_t limit_for_living() const {
        const std::size_t kept = tombstone_limit();
        return evicts() || tombstones() >= kept ? limit() : limit() - (kept - tombstones());
    }

    /// More than this no entry may have.
    std::size_t largest_entry() const { return evicts() ? limit() : limit() - tombstone_limit(); }

    void take(std::size_t bytes) { used_.fetch_add(bytes, std::memory_order_relaxed); }
    void give_back(std::size_t bytes) { used_.fetch_sub(bytes, std::memory_order_relaxed); }
    void take_for_tombstone(std::size_t bytes) {
        tombstones_.fetch_add(bytes, std::memory_order_relaxed);
    }
    void give_back_tombstone(std::size_t bytes) {
        tombstones_.fetch_sub(bytes, std::memory_order_relaxed);
    }

    /// Entries, and tombstones, that had to go for others.
    std::uint64_t evicted() const { return evicted_.load(std::memory_order_relaxed); }
    std::uint64_t evicted_tombstones() const {
        return evicted_tombstones_.load(std::memory_order_relaxed);
    }
    void count_evicted(std::uint64_t entries, std::uint64_t tombstones) {
        evicted_.fetch_add(entries, std::memory_order_relaxed);
        evicted_tombstones_.fetch_add(tombstones, std::memory_order_relaxed);
    }

private:
    std::atomic<std::size_t> memory_{std::numeric_limits<std::size_t>::max() / 2};
    std::atomic<bool> evicts_{true};
    std::atomic<std::size_t> used_{0};
    std::atomic<std::size_t> tombstones_{0};
    std::atomic<std::uint64_t> evicted_{0};
    std::atomic<std::uint64_t> evicted_tombstones_{0};
};

/// Room for one write, off the budget until this is gone: to be had before the write and to be
/// kept until it is done. Or the reason why there is none.
class Room {
public:
    enum class Refused : std::uint8_t { no, full, too_large };

    Room(Refused refused) : refused_(refused) {}  // NOLINT(google-explicit-constructor)
    Room(Budget& budget, std::size_t bytes) : budget_(&budget), bytes_(bytes) {
        budget.take(bytes);
    }
    Room(Room&& other) noexcept
        : budget_(std::exchange(other.budget_, nullptr)),
          bytes_(other.bytes_),
          refused_(other.refused_) {}
    Room& operator=(Room&&) = delete;
    ~Room() {
        if (budget_) budget_->give_back(bytes_);
    }

    explicit operator bool() const { return refused_ == Refused::no; }
    Refused refused() const { return refused_; }

private:
    Budget* budget_ = nullptr;
    std::size_t bytes_ = 0;
    Refused refused_ = Refused::no;
};

}  // namespace clacks::cache
