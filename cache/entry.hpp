#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

// The vocabulary of the store: what an entry is, and what can become of one.
namespace clacks::cache {

/// UTC, microseconds since 1970 (the same type as clacks::WallTime; this folder uses no other).
using WallTime = std::chrono::sys_time<std::chrono::microseconds>;

/// Who gave an entry its present state: 0 is this node, others are links, numbered by their owner
/// and never used twice. A link does not send back what it has just been told.
using Origin = std::uint64_t;
inline constexpr Origin local_origin = 0;

/// An entry as it is stored, merged and sent. The views live as long as the call they come with.
struct EntryView {
    std::string_view key{};
    std::string_view value{};  ///< empty when deleted
    WallTime changed{};        ///< last write; the larger wins
    WallTime accessed{};       ///< last write or read, never before `changed`
    bool deleted = false;      ///< a tombstone: it was removed at `changed`
    Origin origin = local_origin;
};

enum class Merge : std::uint8_t {
    kept,        ///< ours is newer; nothing changed
    same,        ///< equal times keep ours; the peer is known to have it
    taken,       ///< the peer's was newer and is now ours: pass it on
    superseded,  ///< older than the last clear(): ours is a tombstone now; tell the peer
};

enum class Cleaned : std::uint8_t { deleted, stale };

}  // namespace clacks::cache
