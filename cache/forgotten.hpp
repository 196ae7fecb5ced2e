#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace clacks::cache {

/// The keys of entries that are no more, for whoever keeps a copy of the store; see
/// Cursor::Keeping. What would take up too much memory is given up, key by key: then only a look at
/// everything helps.
class Forgotten {
public:
    void add(std::string_view key) {
        if (keys_.size() >= most_keys || bytes_ + key.size() > most_bytes) {
            incomplete_ = true;
            return;
        }
        keys_.emplace_back(key);
        bytes_ += key.size();
    }

    /// All of them, and forgets them itself.
    Forgotten take() { return std::exchange(*this, {}); }

    const std::vector<std::string>& keys() const { return keys_; }
    /// There have been others.
    bool incomplete() const { return incomplete_; }

private:
    // For each shard: 4 MiB in all, at most.
    static constexpr std::size_t most_keys = 2048;
    static constexpr std::size_t most_bytes = 64U << 10U;

    std::vector<std::string> keys_;
    std::size_t bytes_ = 0;
    bool incomplete_ = false;
};

}  // namespace clacks::cache
