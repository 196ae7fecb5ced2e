#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "cache/cache.hpp"

namespace clacks::cache {

/// Finds the least keys of one shard that come after a given one, a part of the shard at a time,
/// so that nobody has to wait long for its lock, however large it is.
///
/// Walks along the list of changes with a mark of its own. What changes meanwhile comes by again at
/// the end of the list: so a key that lives throughout is seen, and found once, since those that
/// are seen twice are equal. What comes or goes meanwhile may be found or not.
///
/// Used by one thread at a time, beside any that use the store. Must not outlive the store.
class KeyScan {
public:
    /// Looked at in a step: some tenths of a millisecond.
    static constexpr std::size_t entries_a_step = 4096;

    /// Up to `limit` (at least 1) keys of `shard` after `after` (empty: from the start).
    KeyScan(Cache& cache, unsigned shard, std::string after, std::size_t limit);
    ~KeyScan();
    KeyScan(const KeyScan&) = delete;
    KeyScan& operator=(const KeyScan&) = delete;

    /// Looks for living keys with `matches(std::string_view)`, at so many entries. Returns whether
    /// that was the end of the shard.
    template <class Matches>
    bool step(Matches&& matches, WallTime now, std::size_t looks = entries_a_step);

    /// When step() has said so: what was found, sorted bytewise.
    std::vector<std::string> take();

private:
    template <class Matches>
    bool look(Matches&& matches, WallTime now, std::size_t& looks);
    bool is_crowded() const { return found_.size() / 2 >= limit_; }
    bool may_be_among_them(std::string_view key) const;
    void keep_least();

    Cache& cache_;
    const unsigned shard_;
    const std::string after_;
    const std::size_t limit_;
    ChangeNode mark_;
    std::vector<std::string> found_;  ///< the least ones, sorted, and what has come since
    bool is_full_ = false;            ///< there are as many as are wanted, all up to largest_
    std::string largest_;
};

template <class Matches>
bool KeyScan::step(Matches&& matches, WallTime now, std::size_t looks) {
    bool at_end = false;
    while (!at_end && looks > 0) {
        at_end = look(matches, now, looks);
        // Without the lock. Each key is compared a few times, however many there are.
        if (at_end || is_crowded()) keep_least();
    }
    return at_end;
}

/// As far as there are looks left and room for what is found. Returns whether that was all.
template <class Matches>
bool KeyScan::look(Matches&& matches, WallTime now, std::size_t& looks) {
    auto locked = cache_.lock(shard_);
    auto& entries = locked.entries();
    const ChangeNode* const end = entries.changes().end();
    ChangeNode* next = mark_.behind;
    for (; next != end && looks > 0 && !is_crowded(); next = next->behind, --looks) {
        if (next->is_mark() || !entries.is_living(*next, now)) continue;
        const std::string_view key = entries.key(*next);
        if (may_be_among_them(key) && matches(key)) found_.emplace_back(key);
    }
    ChangeList::remove(mark_);
    ChangeList::insert(mark_, *next);
    return next == end;
}

inline bool KeyScan::may_be_among_them(std::string_view key) const {
    return (after_.empty() || key > after_) && !(is_full_ && key >= largest_);
}

}  // namespace clacks::cache
