#pragma once

#include <string>

#include "bench/target.hpp"
#include "bench/waiting.hpp"

// What it costs that a store lasts. Clacks only.
namespace clacks::bench {

/// How long the snapshots and the start of a node with a large store took.
struct Saving {
    nanoseconds first;          ///< the first snapshot, with all entries
    nanoseconds after_changes;  ///< one after 1,000 changes
    nanoseconds start;          ///< from the start of the program to an answer
};

/// Stores so many entries, saves them, stops the node and starts it again, in `directory`; all that
/// was there must be there again.
Saving save_and_load(Contender contender, const std::string& directory, unsigned entries);

/// Loads a node with stores and retrieves, spread over so many entries; longer than the node's
/// snapshots are apart, if it makes any.
Waiting wait_under_load(const Target& target, unsigned connections, unsigned depth,
                        unsigned entries);

}  // namespace clacks::bench
