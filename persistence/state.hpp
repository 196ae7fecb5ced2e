#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "cache/cache.hpp"

namespace clacks::persistence {

/// What a node has to know, beside the entries of its store, to go on as the same node.
struct State {
    /// The word by which the tree knows it; changes of its store are numbered under it.
    std::string id;
    /// Who wrote what it wrote, and counted what it counted. Another one after a run of which the
    /// end was not saved: others may know more of what that counted than is left here.
    cache::NodeId writer = 0;
    cache::HashKey hash_key;

    /// All changes up to this number are in the file; no greater one has ever been used under `id`
    /// but by the present run.
    cache::Sequence sequence = 0;
    /// No tombstone of a change with a larger number has been forgotten.
    cache::Sequence last_forgotten = 0;
    cache::WallTime cleared = cache::WallTime::min();
    std::uint64_t entries = 0;  ///< about
    std::uint64_t blocks = 0;   ///< of the file that count, exactly
    bool ended = false;         ///< nothing has happened since

    /// The time of the store at the last snapshot, and by how much it was ahead of this machine's
    /// clock. Whose clock it is: the id of the root of the tree.
    cache::WallTime time{};
    std::chrono::microseconds ahead{};
    std::string time_root;

    /// Of which node we have the changes up to where.
    std::map<std::string, cache::Sequence, std::less<>> positions;

    bool operator==(const State&) const = default;
};

}  // namespace clacks::persistence
