#pragma once

#include <istream>
#include <span>
#include <string>

#include "client/tool/connection_options.hpp"
#include "client/tool/failure.hpp"
#include "client/tool/output.hpp"

namespace clacks::tool {

/// The whole tool but for the process around it: reads the arguments (without the program's name),
/// runs the verb, answers --help and --version. Throws Failure.
ExitCode run_command_line(std::span<const char* const> arguments, const Lookup& environment,
                          std::istream& input, Output& output);

}  // namespace clacks::tool
