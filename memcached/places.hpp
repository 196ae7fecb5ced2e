#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "transport/places.hpp"

namespace clacks::memcached {

/// Counts the connections of a server, those that it refuses, and those that it ever had. Safe from
/// any thread; must outlive the places it has given.
class Places {
public:
    using Place = transport::Places::Place;

    Place enter() {
        ever_.fetch_add(1, std::memory_order_relaxed);
        return places_.enter();
    }
    void reject() { rejected_.fetch_add(1, std::memory_order_relaxed); }

    std::size_t open() const { return places_.taken(); }
    std::uint64_t ever() const { return ever_.load(std::memory_order_relaxed); }
    std::uint64_t rejected() const { return rejected_.load(std::memory_order_relaxed); }

private:
    transport::Places places_;
    std::atomic<std::uint64_t> ever_{0};
    std::atomic<std::uint64_t> rejected_{0};
};

}  // namespace clacks::memcached
