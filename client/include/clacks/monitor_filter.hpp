#pragma once

#include <optional>
#include <string>
#include <vector>

namespace clacks {

/// Which lines a monitor wants; what is left open is wanted. The node does the filtering. Events
/// (CONNECTED and the like) come only when nothing is asked for.
struct MonitorFilter {
    std::string name = {};                   ///< a pattern, see KeyQuery
    std::vector<std::string> commands = {};  ///< verbs as on the line: "STORE", "REMOVE"
    std::string client = {};                 ///< a client id
    std::optional<double> share = {};        ///< of what remains, 0.01 is one line in a hundred
};

}  // namespace clacks
