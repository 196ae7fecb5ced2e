#include "server/command_line.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>

namespace clacks::server {
namespace {

constexpr const char* footer =
    "Runs in the foreground and logs to standard error; \"ready\" there says that it listens.\n"
    "SIGHUP: reads the configuration again and puts in force what has changed. SIGUSR1: saves the\n"
    "store now. SIGTERM, SIGINT: tells every peer, saves and ends.\n\n"
    "Exit codes: 0 fine, 1 failed while running, 2 a mistake in the configuration or here. A\n"
    "mistake is FILE:LINE: what is wrong, what is allowed.";

std::optional<node::Log::Level> level_of(const std::string& word) {
    using Level = node::Log::Level;
    if (word == "debug") return Level::debug;
    if (word == "info") return Level::info;
    if (word == "warning") return Level::warning;
    if (word == "error") return Level::error;
    return std::nullopt;
}

std::string not_a_level(const std::string& word) {
    return level_of(word) ? "" : "'" + word + "' is no level; allowed: debug, info, warning, error";
}

void set_words(CLI::App& app, const std::string& version) {
    auto& formatter = *app.get_formatter();
    formatter.label("REQUIRED", "(required)");
    app.set_help_flag("-h,--help", "print this and exit");
    app.set_version_flag("--version", version, "print the version and exit");
    app.footer(footer);
}

}  // namespace

std::optional<CommandLine> parse_command_line(int argc, const char* const* argv,
                                              const std::string& version) {
    CommandLine result;
    std::string level;
    CLI::App app("A node of a Clacks tree.", "clacksd");
    set_words(app, version);
    app.add_option("--config", result.config,
                   "the configuration; configs/reference.yaml has every key")
        ->required()
        ->type_name("FILE");
    app.add_flag("--check", result.check,
                 "say what is wrong with it, or that it is fine, and exit");
    app.add_option("--log-level", level,
                   "instead of the configuration's log.level:\ndebug, info, warning or error")
        ->type_name("LEVEL")
        ->check(CLI::Validator(not_a_level, ""));
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& asked) {
        const bool help = dynamic_cast<const CLI::CallForHelp*>(&asked) != nullptr;
        std::printf("%s\n", help ? app.help().c_str() : version.c_str());
        return std::nullopt;
    } catch (const CLI::ParseError& error) {
        // CLI11 says first what is missing; a misspelt --config is the likelier mistake.
        const auto unknown = app.remaining();
        const std::string what = unknown.empty()
                                     ? error.what()
                                     : "'" + unknown.front() + "' is neither an option nor a value";
        throw UsageError(what + " (clacksd --help says how)");
    }
    result.level = level_of(level);
    return result;
}

}  // namespace clacks::server
