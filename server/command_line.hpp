#pragma once

#include <optional>
#include <stdexcept>
#include <string>

#include "server/node/log.hpp"

namespace clacks::server {

/// What clacksd was told to do.
struct CommandLine {
    std::string config;  ///< the file
    bool check = false;
    std::optional<node::Log::Level> level;
};

/// An argument that is missing or makes no sense, in one sentence.
class UsageError : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Reads the arguments of main(). Nothing when they asked for --help or --version, which is then
/// answered on standard output. Throws UsageError.
std::optional<CommandLine> parse_command_line(int argc, const char* const* argv,
                                              const std::string& version);

}  // namespace clacks::server
