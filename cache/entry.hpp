#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string_view>

// The vocabulary of the store: what an entry is, and what can become of one.
namespace clacks::cache {

/// UTC, microseconds since 1970 (the same type as clacks::WallTime; this folder uses no other).
using WallTime = std::chrono::sys_time<std::chrono::microseconds>;

/// When an entry without expiry expires.
inline constexpr WallTime never = WallTime::max();

/// The next instant. (The last one of all, which no clock shows, has none.)
constexpr WallTime just_after(WallTime time) {
    return time == WallTime::max() ? time : time + std::chrono::microseconds(1);
}

/// Numbers the changes of a store, from 1: each gets the next.
using Sequence = std::uint64_t;

/// Who gave an entry its present state: 0 is this node, others are links, numbered by their owner
/// and never used twice. A link does not send back what it has just been told.
using Origin = std::uint32_t;
inline constexpr Origin local_origin = 0;

/// A node, as long as it remembers what it wrote: random, so no two of a tree are the same.
using NodeId = std::uint64_t;

/// The node that wrote a version; 0: one that does not say so. Of two versions of the same time the
/// one with the larger writer is the newer, so that all nodes choose the same.
using Writer = std::uint32_t;
constexpr Writer writer_of(NodeId id) { return static_cast<Writer>(id >> 32U); }

struct Counter;

/// An entry as it is stored, merged and sent. The views live as long as the call they come with.
struct EntryView {
    std::string_view key{};
    std::string_view value{};  ///< empty when deleted
    WallTime changed{};        ///< last write; the larger wins
    /// Last write or read; never before `changed`, and as stored a whole number of seconds after.
    WallTime accessed{};
    bool deleted = false;  ///< a tombstone: removed at `changed`, or expired
    Origin origin = local_origin;
    WallTime expires = never;  ///< not living any more from then on
    Writer writer = 0;         ///< who wrote it (of a counter: its base)
    std::uint32_t flags = 0;   ///< what memcached's clients keep with a value
    bool fetched = false;      ///< read here since its value was written; never travels
    /// Of an entry that is incremented: its parts; `value` and `changed` are those of the whole.
    const Counter* counter = nullptr;
    Sequence sequence = 0;  ///< of its last change in this store; of no meaning elsewhere
};

/// What an entry that was removed at `time` is.
constexpr EntryView make_tombstone(std::string_view key, WallTime time,
                                   Origin from = local_origin) {
    return {.key = key, .changed = time, .accessed = time, .deleted = true, .origin = from};
}

/// Moves a time; those that stand for none stay.
constexpr void shift(WallTime& time, std::chrono::microseconds by) {
    if (time != WallTime::min() && time != never) time += by;
}

constexpr bool is_living(const EntryView& entry, WallTime now) {
    return !entry.deleted && now < entry.expires;
}

/// The entry as it counts at `now`, for whoever knows no expiry: one that has expired is a
/// tombstone, and that of a moment that depends on nothing but the entry, so it is the same on
/// every node. Among those who know expiry the entry as stored says more: an expired one gives
/// way to any later write, also to one that was made before it expired and is heard of after.
constexpr EntryView as_of(const EntryView& entry, WallTime now) {
    if (entry.expires == never || is_living(entry, now)) return entry;
    const WallTime end = std::max(entry.expires, just_after(entry.changed));
    return {.key = entry.key,
            .changed = end,
            .accessed = end,
            .deleted = true,
            .origin = entry.origin,
            .writer = entry.writer};
}

enum class Merge : std::uint8_t {
    kept,        ///< ours is newer; nothing changed
    same,        ///< the same version; the peer is known to have it
    taken,       ///< the peer's, or something of it, was newer and is now ours: pass it on
    superseded,  ///< older than the last clear(), or expired: ours is a tombstone; tell the peer
};

enum class Cleaned : std::uint8_t {
    deleted,  ///< a tombstone was forgotten
    stale,    ///< an entry was forgotten
    expired,  ///< an entry became a tombstone
};

}  // namespace clacks::cache
