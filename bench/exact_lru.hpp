#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <unordered_map>

namespace clacks::bench {

/// A cache that forgets what was used least recently: what others are measured by.
class ExactLru {
public:
    explicit ExactLru(std::size_t capacity) : capacity_(capacity) {}

    /// Whether the key was there. It is now.
    bool request(std::uint32_t key) {
        const auto found = places_.find(key);
        if (found != places_.end()) {
            order_.splice(order_.begin(), order_, found->second);
            return true;
        }
        if (places_.size() == capacity_) {
            places_.erase(order_.back());
            order_.pop_back();
        }
        order_.push_front(key);
        places_[key] = order_.begin();
        return false;
    }

private:
    std::size_t capacity_;
    std::list<std::uint32_t> order_;
    std::unordered_map<std::uint32_t, std::list<std::uint32_t>::iterator> places_;
};

}  // namespace clacks::bench
