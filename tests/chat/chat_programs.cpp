#include "tests/chat/chat_programs.hpp"

namespace clacks::test {

namespace {

std::vector<std::string> chat_command(const std::string& name,
                                      const std::vector<std::string>& options) {
    std::vector<std::string> command{CHAT_FILE, "--name", name};
    command.insert(command.end(), options.begin(), options.end());
    return command;
}

Environment terminal_environment(const NodeProcess& node, const Environment& more) {
    Environment environment = more;
    environment.merge(environment_for(node));
    environment.merge(Environment{{"TERM", "xterm"}, {"TZ", "UTC"}});
    return environment;
}

}  // namespace

Environment environment_for(const NodeProcess& node) {
    return {{"CLACKS_URL", node.unix_url()},
            {"CLACKS_USER", main_user},
            {"CLACKS_PASSWORD", main_password}};
}

Person::Person(const NodeProcess& node, const std::string& name,
               const std::vector<std::string>& options, const Environment& more)
    : Terminal(chat_command(name, options), terminal_environment(node, more)) {
    expect_somewhere("here");
}

Bot::Bot(const NodeProcess& node, Person& witness)
    : Process({CHAT_BOT_FILE}, environment_for(node)) {
    witness.expect_somewhere("-- bot joined");
}

}  // namespace clacks::test
