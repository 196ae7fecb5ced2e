#pragma once

#include <string>

#include "client/tool/context.hpp"

namespace clacks::tool {

/// The database of a node that has just been saved.
struct SavedDatabase {
    std::string file;  ///< as the node calls it, on its machine
    std::string id;    ///< the node's
    std::string time;  ///< all that was in the store before is in the file; as on the wire
};

/// Tells the node to save what it has now, and waits for it. Throws Failure if it has no database,
/// if it cannot save, or does not get to it within Options::connect_timeout.
SavedDatabase save_node(Context& context);

}  // namespace clacks::tool
