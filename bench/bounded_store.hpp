#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "cache/cache.hpp"

namespace clacks::bench {

/// The store of a node with a budget, used as a cache: what is not there is stored.
class BoundedStore {
public:
    /// As much memory as so many entries take, the tables included.
    explicit BoundedStore(std::size_t capacity) : cache_({1, 2}), value_(value_bytes, 'x') {
        constexpr std::size_t share_of_tables = 20;
        cache_.set_budget(
            capacity * (cache::Record::footprint(key_bytes, value_bytes, false) + share_of_tables),
            true);
    }

    /// Whether the key was there. It is now.
    bool request(std::uint32_t number) {
        const std::string key = key_of(number);
        const cache::WallTime now(std::chrono::microseconds(++now_));
        if (cache_.lock(key).retrieve(key, now)) return true;
        store(key, now);
        return false;
    }

    /// Stores a value under a key, by its number.
    void store(std::uint32_t number) {
        store(key_of(number), cache::WallTime(std::chrono::microseconds(++now_)));
    }

    cache::Cache& cache() { return cache_; }

private:
    static std::string key_of(std::uint32_t number) {
        return std::to_string(1'000'000'000'000'000 + number);
    }
    void store(const std::string& key, cache::WallTime now) {
        const auto room = cache_.make_room({.key = key, .value = value_}, now);
        cache_.lock(key).store(key, value_, now);
    }

    static constexpr std::size_t key_bytes = 16;
    static constexpr std::size_t value_bytes = 100;

    cache::Cache cache_;
    std::string value_;
    std::int64_t now_ = 0;
};

}  // namespace clacks::bench
