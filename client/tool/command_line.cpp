#include "client/tool/command_line.hpp"

#include <algorithm>
#include <vector>

#include "client/tool/verb.hpp"

namespace clacks::tool {
namespace {

constexpr const char* tool_footer =
    "CLACKS_URL, CLACKS_USER, CLACKS_PASSWORD and CLACKS_CA say what the options above do not,\n"
    "and ~/.config/clacks/client.yaml (url, user, password, ca, insecure) what those do not.\n\n"
    "Data goes to standard output, talk to standard error. Exit codes: 0 done, 1 negative answer\n"
    "(no such key, condition not met), 2 usage, 3 cannot connect or log in, 4 the node refused.\n\n"
    "clacks VERB --help says more about a verb.";

struct Connection {
    ConnectionOptions options;
    std::optional<std::string> password_file;
};

void add_connection(CLI::App& app, Connection& connection) {
    auto& options = connection.options;
    app.add_option("--url", options.url,
                   "the node: tls://[user@]host[:port] or unix://[user@]/path;\n" + Options{}.url +
                       " if not given")
        ->type_name("URL");
    app.add_option("--user", options.user, "who logs in")->type_name("NAME");
    app.add_option("--password-file", connection.password_file,
                   "holds the password in its first line")
        ->type_name("FILE");
    auto* ca = app.add_option("--ca", options.ca, "trust who is certified by this PEM file")
                   ->type_name("FILE");
    app.add_flag_callback(
           "--insecure", [&options] { options.insecure = true; },
           "accept any certificate: whoever sits on the way reads all,\nthe password too")
        ->excludes(ca);
}

Options find_options(const Connection& connection, const Lookup& environment, Output& output) {
    const Warn warn = [&](const std::string& sentence) { output.say(sentence); };
    const auto file = client_file(environment);
    ConnectionOptions given = connection.options;
    if (connection.password_file)
        given.password = read_password_file(*connection.password_file, warn);
    return client_options(
        merge(merge(std::move(given), environment_options(environment)), file_options(file, warn)),
        file);
}

void add_verbs(CLI::App& app, std::span<const Verb> verbs, Run& chosen) {
    for (const Verb& row : verbs) {
        CLI::App* verb = app.add_subcommand(row.word, row.summary)->fallthrough();
        verb->group("Verbs")->footer("");  // else it shows ours
        verb->callback([&chosen, run = row.declare(*verb)] { chosen = run; });
    }
}

void set_words(CLI::App& app) {
    auto& formatter = *app.get_formatter();
    formatter.label("SUBCOMMAND", "VERB");
    formatter.label("REQUIRED", "(required)");
    formatter.label("TEXT", "");
}

std::string mistake(const CLI::App& app, const CLI::ParseError& error) {
    if (!app.get_subcommands().empty()) return error.what();
    const auto unknown = app.remaining();
    if (!unknown.empty()) return "there is no verb '" + unknown.front() + "'";
    const bool verbless = dynamic_cast<const CLI::RequiredError*>(&error) != nullptr;
    return verbless ? "no verb given" : error.what();
}

/// Parses; false when that was all that was asked for (--help, --version).
bool parse(CLI::App& app, std::span<const char* const> arguments, Output& output) {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());  // as CLI11 wants them
    try {
        app.parse(std::move(reversed));
        return true;
    } catch (const CLI::CallForHelp&) {
        const auto verbs = app.get_subcommands();
        output.bytes(verbs.empty() ? app.help() : verbs.front()->help("clacks"));
    } catch (const CLI::CallForVersion& version) {
        output.line(version.what());
    } catch (const CLI::ParseError& error) {
        throw Failure(ExitCode::usage,
                      mistake(app, error) + " (clacks --help and clacks VERB --help say how)");
    }
    return false;
}

}  // namespace

ExitCode run_command_line(std::span<const char* const> arguments, const Lookup& environment,
                          std::istream& input, Output& output) {
    CLI::App app("Talks to a Clacks node: signals and the key store.", "clacks");
    app.footer(tool_footer);
    set_words(app);
    app.set_version_flag("--version", "clacks " CLACKS_VERSION);
    app.require_subcommand(1);
    Connection connection;
    add_connection(app, connection);
    bool json = false;
    app.add_flag("--json", json, "print one JSON object per line");
    Run chosen;
    for (const auto verbs : {signal_verbs(), watch_verbs(), store_verbs(), retrieve_verbs(),
                             node_verbs(), certificate_verbs(), passwd_verbs()})
        add_verbs(app, verbs, chosen);
    if (!parse(app, arguments, output)) return ExitCode::done;

    output.set_form(json ? Output::Form::json : Output::Form::text);
    Context context(output, input, [&] {
        Options options = find_options(connection, environment, output);
        options.client_name = "clacks " + app.get_subcommands().front()->get_name();
        return options;
    });
    return chosen(context);
}

}  // namespace clacks::tool
