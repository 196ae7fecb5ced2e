#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "protocol/command.hpp"

// Changes of the store by somebody who is no peer and speaks another protocol.
namespace clacks::node {

struct OutsideChange {
    std::string_view client;  ///< for the monitors, as a client id: a word
    unsigned shard = 0;
    /// What a client of ours would have said: STORE, STOREFOR, REMOVE, INCREMENT, DECREMENT,
    /// EXPIRE.
    protocol::Command command{};
    /// SET or NOTIFY, if whoever listens to the name is to hear of it.
    std::optional<protocol::Command> signal{};
};

/// Those who make such changes, as far as the node has to know of them. Safe from any thread.
class Outside {
public:
    /// Calls `add(key, value)` for what STATUS is to show.
    virtual void describe(
        const std::function<void(std::string_view key, std::string_view value)>& add) const = 0;

protected:
    ~Outside() = default;
};

}  // namespace clacks::node
