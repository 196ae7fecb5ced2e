#pragma once

#include <string>
#include <vector>

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

/// Stores and retrieves, spread over so many entries.
struct WaitingLoad {
    unsigned connections;
    unsigned depth;  ///< of a batch
    unsigned entries;
    bool bound;  ///< see Binding
};

/// Loads nodes in turns that are as long as the snapshots are apart, of those that make any: there
/// are two in a turn, which has what it needs of the last turn's in the file before. What they
/// gave, in their order.
std::vector<Batches> load_in_long_turns(const Targets& targets, const WaitingLoad& load);

}  // namespace clacks::bench
