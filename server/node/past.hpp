#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>

#include "cache/cache.hpp"
#include "protocol/time.hpp"

namespace clacks::node {

/// What a node knows beside its store, and would not want to forget.
struct Knowledge {
    /// The time of the tree, and by how much it is ahead of this machine's clock.
    WallTime time{};
    std::chrono::microseconds ahead{};
    /// The root of the tree whose time that is: its id. Empty: none that said so.
    std::string time_root{};
    /// Of each node, by its id, the changes up to which we have.
    std::map<std::string, cache::Sequence, std::less<>> positions{};
};

/// What a node brings along from its last run.
struct Past {
    std::unique_ptr<cache::Cache> cache{};  ///< null: nothing
    Knowledge knowledge{};
};

}  // namespace clacks::node
