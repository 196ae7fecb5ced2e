#pragma once

#include <atomic>
#include <cstddef>
#include <optional>
#include <utility>

namespace clacks::transport {

/// Counts connections of a kind, from the moment they are accepted: all of them, or those that have
/// not logged in yet, who may have a share of all only, lest they keep everybody else out. Safe
/// from any thread; must outlive the places it has given.
class Places {
public:
    /// One of them. Given back when it is left or destroyed.
    class Place {
    public:
        Place() = default;
        Place(Place&& other) noexcept : of_(std::exchange(other.of_, nullptr)) {}
        Place& operator=(Place&&) = delete;
        ~Place() { leave(); }

        void leave() {
            if (of_) of_->taken_.fetch_sub(1, std::memory_order_relaxed);
            of_ = nullptr;
        }

    private:
        friend class Places;
        explicit Place(Places& of) : of_(&of) {}
        Places* of_ = nullptr;
    };

    Place enter() {
        taken_.fetch_add(1, std::memory_order_relaxed);
        return Place(*this);
    }
    /// Nothing if there are `limit` already.
    std::optional<Place> enter(std::size_t limit) {
        Place place(*this);
        const bool has_room = taken_.fetch_add(1, std::memory_order_relaxed) < limit;
        return has_room ? std::optional(std::move(place)) : std::nullopt;
    }

    std::size_t taken() const { return taken_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::size_t> taken_{0};
};

}  // namespace clacks::transport
