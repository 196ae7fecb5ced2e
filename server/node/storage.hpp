#pragma once

#include <functional>
#include <string_view>

namespace clacks::node {

/// Where the node's store is saved, as far as the node has to know of it. Safe from any thread.
class Storage {
public:
    virtual ~Storage() = default;

    /// Saves as soon as possible. False: there is nowhere to save to.
    virtual bool save_now() = 0;
    /// Calls `add(key, value)` for what STATUS is to show.
    virtual void describe(
        const std::function<void(std::string_view key, std::string_view value)>& add) const = 0;
};

}  // namespace clacks::node
