#pragma once

#include <filesystem>

#include "server/config.hpp"

namespace clacks::server {

/// Looks whether this machine has what a configuration names: certificates, keys and CAs that fit
/// together, the directories and groups of unix sockets. Tries it with what would use it at the
/// start, hence the same words. What is wrong becomes an error with its line in `file`, and the
/// configuration is gone; without one it does nothing. Opens no port and changes nothing.
void check_start(Loaded& loaded, const std::filesystem::path& file);

}  // namespace clacks::server
