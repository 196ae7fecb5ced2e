#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace clacks::memcached {

/// Counts the connections of a server, from the moment they are accepted. Safe from any thread;
/// must outlive the places it has given.
class Places {
public:
    /// One of them. Given back when it is left or destroyed.
    class Place {
    public:
        Place(Place&& other) noexcept : of_(std::exchange(other.of_, nullptr)) {}
        Place& operator=(Place&&) = delete;
        ~Place() { leave(); }

        void leave() {
            if (of_) of_->open_.fetch_sub(1, std::memory_order_relaxed);
            of_ = nullptr;
        }

    private:
        friend class Places;
        explicit Place(Places& of) : of_(&of) {}
        Places* of_;
    };

    Place enter() {
        open_.fetch_add(1, std::memory_order_relaxed);
        ever_.fetch_add(1, std::memory_order_relaxed);
        return Place(*this);
    }
    void reject() { rejected_.fetch_add(1, std::memory_order_relaxed); }

    std::size_t open() const { return open_.load(std::memory_order_relaxed); }
    std::uint64_t ever() const { return ever_.load(std::memory_order_relaxed); }
    std::uint64_t rejected() const { return rejected_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::size_t> open_{0};
    std::atomic<std::uint64_t> ever_{0};
    std::atomic<std::uint64_t> rejected_{0};
};

}  // namespace clacks::memcached
