#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>

#include "cache/cache.hpp"
#include "persistence/database.hpp"
#include "persistence/events.hpp"
#include "persistence/file_stamp.hpp"
#include "persistence/state.hpp"

namespace clacks::persistence {

/// Where ids and secrets come from.
using Random = std::function<std::uint64_t()>;
/// From the operating system.
std::uint64_t random_number();

struct RestoreSettings {
    std::string path;
    /// What does not fit into so many bytes is evicted while it is read.
    std::size_t memory = std::numeric_limits<std::size_t>::max() / 2;
    Random random = random_number;
};

/// What a node begins with.
struct Restored {
    State state;                          ///< who it is
    std::unique_ptr<cache::Cache> cache;  ///< what it has
    FoundFile found;                      ///< where that was
    std::string unwritable{};             ///< why nothing can be saved there for now; empty: it can
};

/// Reads the database at the start of a node, whose lock is held. What cannot be trusted
/// is moved aside, and the node begins anew: empty, with a new id. So does, with the content of the
/// file, who finds that it is a copy, or cannot write to it: nobody must find the numbers of its
/// changes used twice.
///
/// Fails if another process keeps us out, if the file cannot be read or moved aside, or if it was
/// written by a newer version: beginning empty, where there is something, is nobody's wish.
Result<Restored> restore(const RestoreSettings& settings, std::chrono::system_clock::time_point now,
                         const Tell& tell);

/// A node without a past.
Restored without_past(const Random& random = random_number);

}  // namespace clacks::persistence
