#include "client/tool/command_line.hpp"

#include <algorithm>
#include <system_error>
#include <vector>

#include "client/tool/duration.hpp"
#include "client/tool/suggestion.hpp"
#include "client/tool/verb.hpp"

namespace clacks::tool {
namespace {

constexpr const char* tool_footer =
    "CLACKS_URL, CLACKS_USER, CLACKS_PASSWORD and CLACKS_CA say what the options above do not,\n"
    "and ~/.config/clacks/client.yaml (url, user, password, ca, insecure, certificate, key) what\n"
    "those do not.\n\n"
    "Data goes to standard output, talk to standard error. Exit codes: 0 done, 1 negative answer\n"
    "(no such key, condition not met), 2 usage, 3 cannot connect or log in, 4 the node refused.\n\n"
    "clacks VERB --help, or clacks help VERB, says more about a verb.";

struct Connection {
    ConnectionOptions options;
    std::optional<std::string> password_file;
    std::optional<std::string> timeout;
};

void add_connection(CLI::App& app, Connection& connection) {
    auto& options = connection.options;
    app.add_option("--url", options.url,
                   "the node: tls://[user@]host[:port] or unix:///path;\n" + Options{}.url +
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
    auto* certificate =
        app.add_option("--cert", options.certificate,
                       "show this certificate, a PEM file, to a node that asks for\none; it may "
                       "stand for the password")
            ->type_name("FILE");
    app.add_option("--key", options.key, "its key, if that is not in the same file")
        ->type_name("FILE")
        ->needs(certificate);
    app.add_option("--timeout", connection.timeout,
                   "how long to wait for the connection, and for the login;\n15 if not given")
        ->type_name("SECONDS");
}

Options find_options(const Connection& connection, const Lookup& environment, Output& output) {
    const Warn warn = [&](const std::string& sentence) { output.say(sentence); };
    const auto file = client_file(environment);
    ConnectionOptions given = connection.options;
    if (connection.password_file)
        given.password = read_password_file(*connection.password_file, warn);
    Options options = client_options(
        merge(merge(std::move(given), environment_options(environment)), file_options(file, warn)),
        file);
    if (connection.timeout) {
        using std::chrono::milliseconds;
        const auto span = std::chrono::ceil<milliseconds>(parse_duration(*connection.timeout));
        options.connect_timeout = span;
        options.login_timeout = span;
    }
    // What is asked while it connects waits for that, too.
    options.reply_timeout += options.connect_timeout + options.login_timeout;
    return options;
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

std::vector<std::string> verb_words(const CLI::App& app) {
    std::vector<std::string> words;
    for (const CLI::App* verb : app.get_subcommands(nullptr)) words.push_back(verb->get_name());
    return words;
}

std::string unknown_verb(const CLI::App& app, const std::string& word) {
    const std::string meant = suggestion(word, verb_words(app));
    return "there is no verb '" + without_password(word) + "'" +
           (meant.empty() ? "" : "; did you mean '" + meant + "'?");
}

bool is_option(const std::string& word) { return word.size() > 1 && word.front() == '-'; }

/// The options that may stand behind a verb: its own, and those of all verbs.
std::string meant_option(const CLI::App& app, const CLI::App& verb, const std::string& word) {
    std::vector<std::string> words;
    for (const CLI::App* of : {&app, &verb}) {
        for (const CLI::Option* option : of->get_options()) {
            for (const auto& name : option->get_lnames()) words.push_back("--" + name);
        }
    }
    return suggestion(word, words);
}

/// What is wrong behind a verb.
std::string mistake_in(const CLI::App& app, const CLI::App& verb, const CLI::ParseError& error) {
    const auto left = app.remaining(true);
    const auto option = std::find_if(left.begin(), left.end(), is_option);
    const std::string& name = verb.get_name();
    if (option != left.end()) {
        const std::string meant = meant_option(app, verb, *option);
        const bool takes_value = verb.get_option_no_throw("VALUE") != nullptr;
        return name + " has no option '" + *option + "'" +
               (meant.empty() ? "" : "; did you mean '" + meant + "'?") +
               (takes_value ? std::string(meant.empty() ? ";" : " Or") +
                                  " write -- in front of a value that begins with '-'"
                            : "");
    }
    const bool surplus = dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr;
    if (surplus && name == "notify") return "notify sends no value; set NAME VALUE does";
    if (surplus && !left.empty())
        return name + " takes no more: '" + without_password(left.front()) + "' is too much";
    return error.what();
}

/// `clacks store [OPTIONS] NAME VALUE`
std::string usage_of(const CLI::App& app, const std::string& name) {
    constexpr std::string_view blank = " \n";
    std::string text = CLI::Formatter().make_usage(&app, name);
    if (const auto begin = text.find("clacks"); begin != text.npos) text.erase(0, begin);
    return text.substr(0, text.find_last_not_of(blank) + 1);
}

std::string mistake(const CLI::App& app, const CLI::ParseError& error) {
    if (const auto verbs = app.get_subcommands(); !verbs.empty()) {
        const CLI::App& verb = *verbs.front();
        const std::string name = "clacks " + verb.get_name();
        return mistake_in(app, verb, error) + " (usage: " + usage_of(verb, name) + "; " + name +
               " --help says more)";
    }
    const auto unknown = app.remaining();
    const bool verbless = dynamic_cast<const CLI::RequiredError*>(&error) != nullptr;
    std::string what = verbless ? "no verb given" : error.what();
    if (!unknown.empty())
        what = is_option(unknown.front()) ? "there is no option '" + unknown.front() + "'"
                                          : unknown_verb(app, unknown.front());
    return what + " (usage: clacks [OPTIONS] VERB; clacks --help lists the verbs)";
}

/// clacks help [VERB]
void add_help(CLI::App& app, Run& chosen) {
    auto wanted = std::make_shared<std::string>();
    CLI::App* verb = app.add_subcommand("help", "say more about a verb")->fallthrough();
    verb->group("Verbs")->footer("");
    verb->add_option("VERB", *wanted, "the verb; without one, an overview");
    verb->callback([&app, &chosen, wanted] {
        chosen = [&app, wanted](Context& context) {
            const auto words = verb_words(app);
            const bool known = std::find(words.begin(), words.end(), *wanted) != words.end();
            if (!wanted->empty() && !known)
                throw Failure(ExitCode::usage,
                              unknown_verb(app, *wanted) + " (clacks --help lists the verbs)");
            app.clear();  // else its help is that of the verb that was parsed, of this one
            context.output().bytes(known ? app.get_subcommand(*wanted)->help("clacks")
                                         : app.help());
            return ExitCode::done;
        };
    });
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
        throw Failure(ExitCode::usage, mistake(app, error));
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
                             node_verbs(), copy_verbs(), certificate_verbs(), passwd_verbs()})
        add_verbs(app, verbs, chosen);
    add_help(app, chosen);
    if (!parse(app, arguments, output)) return ExitCode::done;

    output.set_form(json ? Output::Form::json : Output::Form::text);
    Context context(output, input, [&] {
        Options options = find_options(connection, environment, output);
        options.client_name = "clacks " + app.get_subcommands().front()->get_name();
        return options;
    });
    try {
        return chosen(context);
    } catch (const std::system_error& error) {  // names the file that cannot be written
        throw Failure(ExitCode::negative, error.what());
    }
}

}  // namespace clacks::tool
