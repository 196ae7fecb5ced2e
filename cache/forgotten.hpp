#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cache/footprint.hpp"

namespace clacks::cache {

/// The keys of entries that are no more, for whoever keeps a copy of the store; see
/// Cursor::Keeping. What would take up too much memory is given up, key by key: then only a look at
/// everything helps.
class Forgotten {
public:
    /// Remembers the key if all of them then take no more than `most_bytes`.
    void add(std::string_view key, std::size_t most_bytes) {
        std::string copy(key);
        const std::size_t bytes = cache::footprint(copy);
        const bool doubles = keys_.size() == keys_.capacity();
        const std::size_t room = doubles ? 2 * keys_.size() + 1 : keys_.capacity();
        if (strings_bytes_ + bytes + array_footprint(room) > most_bytes) {
            incomplete_ = true;
            return;
        }
        keys_.push_back(std::move(copy));
        strings_bytes_ += bytes;
    }

    /// Gives all of them up if they take more.
    void fit(std::size_t most_bytes) {
        if (footprint() <= most_bytes) return;
        take();
        incomplete_ = true;
    }

    /// All of them, and forgets them itself.
    Forgotten take() { return std::exchange(*this, {}); }

    const std::vector<std::string>& keys() const { return keys_; }
    /// There have been others.
    bool incomplete() const { return incomplete_; }

    /// The memory that they take.
    std::size_t footprint() const { return strings_bytes_ + array_footprint(keys_.capacity()); }

private:
    static std::size_t array_footprint(std::size_t keys) {
        return keys == 0 ? 0 : cache::footprint(keys * sizeof(std::string));
    }

    std::vector<std::string> keys_;
    std::size_t strings_bytes_ = 0;  ///< what the keys take beside the array
    bool incomplete_ = false;
};

}  // namespace clacks::cache
