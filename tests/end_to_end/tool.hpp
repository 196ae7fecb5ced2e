#pragma once

#include <string>
#include <vector>

#include "tests/processes/node_process.hpp"

namespace clacks::test {

/// The command line `clacks ARGUMENTS…`, for a Process.
std::vector<std::string> tool_command(std::vector<std::string> arguments);

/// Runs `clacks ARGUMENTS…` to its end.
Run run_tool(std::vector<std::string> arguments, const Environment& environment,
             std::string_view input = {});

/// An environment in which the tool finds nothing of the person's who runs the tests.
Environment empty_home();

/// The same, and the tool knows how to log in at the node as its main user.
Environment to_node(const NodeProcess& node, Way way = Way::unix_socket);

}  // namespace clacks::test
