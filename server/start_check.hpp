#pragma once

#include <filesystem>

#include "server/config.hpp"

namespace clacks::server {

/// Looks whether this machine has what a configuration names: certificates, keys and CAs that fit
/// together, the directories and groups of unix sockets. Tries it with what would use it at the
/// start, hence the same words. What is wrong becomes an error with its line in `file`, and the
/// configuration is gone; without one it does nothing. A certificate that has expired, or is about
/// to, becomes a warning. Opens no port and changes nothing.
void check_start(Loaded& loaded, const std::filesystem::path& file);

/// The same for the database: its directory is there, and it can be written. Only for --check: a
/// node starts without, serves, and saves as soon as it can.
void check_storage(Loaded& loaded, const std::filesystem::path& file);

}  // namespace clacks::server
