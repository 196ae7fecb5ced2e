#pragma once

#include <utility>

#include "persistence/state.hpp"
#include "server/node/past.hpp"

// What a node knows, and how its database keeps it: two folders that know nothing of each other.
namespace clacks::server {

inline node::Knowledge remembered(const persistence::State& state) {
    return {.time = state.time,
            .ahead = state.ahead,
            .time_root = state.time_root,
            .positions = state.positions};
}

inline void remember(node::Knowledge knowledge, persistence::State& state) {
    state.time = knowledge.time;
    state.ahead = knowledge.ahead;
    state.time_root = std::move(knowledge.time_root);
    state.positions = std::move(knowledge.positions);
}

}  // namespace clacks::server
