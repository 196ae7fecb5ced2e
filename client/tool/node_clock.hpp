#pragma once

#include "clacks/blocking.hpp"
#include "protocol/time.hpp"

namespace clacks::tool {

/// The clock of a node, as far as it can be read from here: what ends there ends by that.
class NodeClock {
public:
    /// Asks the node. Of one that does not tell, and of a user who may not ask, it is ours.
    explicit NodeClock(BlockingClient& node);

    WallTime now() const;

private:
    std::chrono::microseconds ahead_{};
};

}  // namespace clacks::tool
