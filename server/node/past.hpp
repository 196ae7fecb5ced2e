#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "cache/cache.hpp"
#include "protocol/time.hpp"
#include "server/node/positions.hpp"

namespace clacks::node {

/// What a node knows beside its store, and would not want to forget.
struct Knowledge {
    /// The time of the tree, and by how much it is ahead of this machine's clock.
    WallTime time{};
    std::chrono::microseconds ahead{};
    /// The root of the tree whose time that is: its id. Empty: this node, which has no master.
    std::string time_root{};
    Positions::Map positions{};
};

/// What a node brings along from its last run.
struct Past {
    std::unique_ptr<cache::Cache> cache{};  ///< null: nothing
    Knowledge knowledge{};
};

}  // namespace clacks::node
