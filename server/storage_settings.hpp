#pragma once

#include <chrono>
#include <string>

namespace clacks::server {

/// The node's database, as the configuration has it.
struct StorageSettings {
    std::string file;  ///< absolute; empty: nothing is saved
    std::chrono::milliseconds interval = std::chrono::seconds(10);
};

}  // namespace clacks::server
