#include "tests/end_to_end/tool.hpp"

namespace clacks::test {

std::vector<std::string> tool_command(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), CLACKS_FILE);
    return arguments;
}

Run run_tool(std::vector<std::string> arguments, const Environment& environment,
             std::string_view input) {
    return run(tool_command(std::move(arguments)), environment, input);
}

Environment empty_home() { return {{"HOME", "/nonexistent"}, {"XDG_CONFIG_HOME", ""}}; }

Environment to_node(const NodeProcess& node, Way way) {
    Environment environment = empty_home();
    environment["CLACKS_URL"] = way == Way::unix_socket ? node.unix_url() : node.tls_url();
    environment["CLACKS_USER"] = main_user;
    environment["CLACKS_PASSWORD"] = main_password;
    if (way != Way::unix_socket) environment["CLACKS_CA"] = certificates().ca.string();
    return environment;
}

}  // namespace clacks::test
