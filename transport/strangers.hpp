#pragma once

#include <atomic>
#include <cstddef>
#include <optional>
#include <utility>

namespace clacks::transport {

/// Counts the connections that have not logged in yet, from the moment they are accepted. They may
/// have a share of all connections only, lest those who never log in keep everybody else out. Safe
/// from any thread; must outlive the places it has given.
class Strangers {
public:
    /// One of them. Given back when it is left or destroyed.
    class Place {
    public:
        Place() = default;
        Place(Place&& other) noexcept : of_(std::exchange(other.of_, nullptr)) {}
        Place& operator=(Place&&) = delete;
        ~Place() { leave(); }

        void leave() {
            if (of_) of_->count_.fetch_sub(1, std::memory_order_relaxed);
            of_ = nullptr;
        }

    private:
        friend class Strangers;
        explicit Place(Strangers& of) : of_(&of) {}
        Strangers* of_ = nullptr;
    };

    /// Nothing if there are `limit` already.
    std::optional<Place> enter(std::size_t limit) {
        Place place(*this);
        const bool has_room = count_.fetch_add(1, std::memory_order_relaxed) < limit;
        return has_room ? std::optional(std::move(place)) : std::nullopt;
    }

private:
    std::atomic<std::size_t> count_{0};
};

}  // namespace clacks::transport
