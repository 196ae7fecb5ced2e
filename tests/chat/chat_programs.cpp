#include "tests/chat/chat_programs.hpp"

namespace clacks::test {

namespace {

std::vector<std::string> command(const std::string& file, const std::vector<std::string>& options) {
    std::vector<std::string> all{file};
    all.insert(all.end(), options.begin(), options.end());
    return all;
}

std::vector<std::string> chat_command(const std::string& name, std::vector<std::string> options) {
    options.insert(options.end(), {"--name", name});
    return command(CHAT_FILE, options);
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

Run run_program(const std::string& file, const std::vector<std::string>& options,
                const Environment& environment, std::string_view input) {
    Process process(command(file, options), environment, input);
    const int code = process.wait();
    return {code, process.output(), process.errors()};
}

}  // namespace clacks::test
