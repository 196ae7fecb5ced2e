#include <algorithm>
#include <boost/asio/signal_set.hpp>
#include <cctype>
#include <csignal>
#include <memory>
#include <utility>
#include <vector>

#include "clacks/client.hpp"
#include "client/tool/pattern.hpp"
#include "client/tool/text.hpp"
#include "client/tool/verb.hpp"
#include "protocol/name_pattern.hpp"
#include "protocol/verb.hpp"

// The verbs that stay: they print what arrives until Ctrl-C or --count.
namespace clacks::tool {
namespace {

namespace asio = boost::asio;

constexpr const char* listen_footer =
    "In NAME a level '*' between '::' stands for one level, '**' at the end for one or more.\n\n"
    "Prints a line per signal, as it comes: NAME=VALUE for SET, NAME for NOTIFY. In it a\n"
    "backslash is \\\\, a line feed \\n, a carriage return \\r, a tab \\t, any other control\n"
    "character \\xHH, and a '=' in the name of a NOTIFY \\x3d: the first '=' ends the name.\n\n"
    "Signals are what notify, set and setandstore send, by any client. What store, remove and\n"
    "increment change is none.\n\n"
    "Signals that the node had to leave out, because they came faster than they were read, are\n"
    "told on standard error, by name and number.\n\n"
    "--json: {\"verb\":\"SET\",\"name\":\"a\",\"value\":\"1\"}, "
    "{\"verb\":\"NOTIFY\",\"name\":\"a\"}, and\n"
    "{\"verb\":\"GAP\",\"name\":\"a\",\"count\":12} for 12 signals left out,\n"
    "{\"verb\":\"RECONNECTED\"} where some may be missing because the connection was lost. What "
    "is\n"
    "not UTF-8 stands in name_base64 or value_base64 instead.\n\n"
    "--current prints first what is stored under each NAME, if anything is, in the same form, "
    "with\n"
    "\"verb\":\"RETRIEVED\". No change between that and the first signal is missed.\n\n"
    "Says \"listening\" on standard error once nothing can be missed any more. A lost connection\n"
    "is made again. Ctrl-C ends it, with exit code 0.";

constexpr const char* monitor_footer =
    "Prints a line for each line that any client or other node sends to the node, this client\n"
    "included: the id, a blank, and the line, with control characters and backslashes as \\x1b,\n"
    "\\\\. (A change that another node tells is a KEYSYNC.)\n"
    "CONNECTED, DISCONNECTED and SERVERCACHE in place of an id tell what the node did itself,\n"
    "memcached what clients of memcached have changed (what they read is not shown).\n\n"
    "--json: {\"from\":\"127.0.0.1:54321:17\",\"line\":\"SET a=1\"}. What is not UTF-8 stands in\n"
    "line_base64 instead.\n\n"
    "With --name, --command, --client or --sample only the lines that meet all of them, and no\n"
    "events; the node does the filtering.\n\n"
    "What is more than limits.monitor a second by each thread of the node, or than is read here, "
    "is\n"
    "left out: standard error tells how many lines, with --json a line on standard output, which\n"
    "--count counts: {\"from\":\"MONITOR\",\"line\":\"MISSED=12\"}.\n\n"
    "Says \"monitoring\" on standard error once nothing can be missed any more. A lost connection\n"
    "is made again, also one that was not read for a minute (timeouts.stalled_write of the node);\n"
    "what was sent meanwhile is missed: {\"from\":\"MONITOR\",\"line\":\"RECONNECTED\"}. Needs "
    "the\n"
    "permission to manage. Ctrl-C ends it at once, whatever is still on its way, with exit code 0.";

struct Watch {
    std::size_t count = 0;  ///< 0: until Ctrl-C
    const char* ready;      ///< said behind `begin`
    /// Asks for what is to come, and returns when the node has heard it, with the lines that come
    /// before.
    /// When it throws, `about` says what it was at.
    std::function<std::vector<std::string>(BlockingClient&, std::string& about)> begin;
    /// The line for a message of the kind that is watched for; none for any other.
    std::function<std::optional<std::string>(const Message&)> format;
};

void add_count(CLI::App& verb, std::size_t& count) {
    verb.add_option("--count", count, "end after so many lines")
        ->check(CLI::Range(1, 1000000000).description(""))
        ->type_name("N");
}

/// Whose signals are in a gap.
std::string of(const std::string& name) {
    return name == "**" ? "of further names" : "of '" + escape(name) + "'";
}

/// `explained`: whether it has been said before what to do about it.
std::string missed(const Message& gap, bool& explained) {
    const std::string count = std::to_string(gap.count);
    if (!gap.name.empty())
        return count + " signals " + of(gap.name) +
               " missed: they came faster than they were read here";
    if (std::exchange(explained, true)) return count + " lines missed";
    return count +
           " lines missed: more than each thread of the node shows in a second (limits.monitor), "
           "or "
           "than was read here. --name, --command, --client and --sample show less";
}

/// What happens to the connection meanwhile is talk, not data.
void report(Output& output, const Message& message, bool& explained) {
    switch (message.kind) {
        case Message::Kind::disconnected:
            return output.say("connection lost: " + message.value + "; connecting again");
        case Message::Kind::reconnected:
            return output.say("connected again; what was sent meanwhile is missed");
        case Message::Kind::gap:
            return output.say(missed(message, explained));
        case Message::Kind::lost:
            return output.say(std::to_string(message.count) +
                              " messages missed: they came faster than they were read here");
        case Message::Kind::error:
            return output.say("the node refused something: " + escape(message.value));
        case Message::Kind::set:
        case Message::Kind::notify:
        case Message::Kind::debug:
            return;
    }
}

/// Lines that leave together while more of them are there already: a write for each would keep a
/// processor busy, and take it from the node.
class Lines {
public:
    explicit Lines(Output& output) : output_(output) {}

    void add(std::string_view line) {
        constexpr std::size_t most = 64U << 10U;
        lines_.append(line) += '\n';
        ++count_;
        if (lines_.size() >= most) write();
    }
    void write() {
        if (!lines_.empty()) output_.bytes(std::exchange(lines_, {}));
    }
    std::size_t count() const { return count_; }

private:
    Output& output_;
    std::string lines_;
    std::size_t count_ = 0;
};

void print(Output& output, BlockingClient& node, const Watch& watch,
           const std::vector<std::string>& first) {
    Lines lines(output);
    bool explained = false;
    const auto enough = [&] { return watch.count != 0 && lines.count() == watch.count; };
    for (const std::string& line : first) {
        if (!enough()) lines.add(line);
    }
    while (!enough()) {
        auto message = node.client().try_receive();
        if (!message) {
            lines.write();
            message = node.receive();
        }
        const auto line = watch.format(*message);
        if (line) lines.add(*line);
        if (!line || message->kind == Message::Kind::reconnected) {
            lines.write();
            report(output, *message, explained);
        }
    }
    lines.write();
}

ExitCode run(Context& context, const Watch& watch) {
    BlockingClient node(context.options());
    // On the client's own thread, so that close() wakes whatever this one waits for.
    asio::signal_set stop(node.client().get_executor(), SIGINT, SIGTERM);
    stop.async_wait([&node](const error_code& error, int) {
        if (!error) node.close();
    });
    auto connected = start_connecting(node);
    std::string about;
    try {
        const auto first = watch.begin(node, about);
        context.output().say(watch.ready);
        print(context.output(), node, watch, first);
    } catch (const Error& error) {
        if (error.code() == Errc::closed) return ExitCode::done;  // only Ctrl-C closes
        throw explain_work(error, node, connected, context.options(), about);
    }
    return ExitCode::done;
}

std::optional<std::string> signal_text(const Message& message) {
    if (message.kind == Message::Kind::set) return signal_line(message.name, message.value);
    if (message.kind == Message::Kind::notify) return signal_line(message.name, std::nullopt);
    return std::nullopt;
}

std::optional<std::string> signal_json(const Message& message) {
    if (message.kind == Message::Kind::reconnected) return json_line({{"verb", "RECONNECTED"}});
    if (message.kind == Message::Kind::set)
        return json_line({{"verb", "SET"}, {"name", message.name}, {"value", message.value}});
    if (message.kind == Message::Kind::notify)
        return json_line({{"verb", "NOTIFY"}, {"name", message.name}});
    if (message.kind == Message::Kind::gap)
        return json_line({{"verb", "GAP"},
                          {"name", message.name},
                          {.name = "count", .value = std::to_string(message.count), .bare = true}});
    return std::nullopt;
}

struct ListenArguments {
    std::vector<std::string> names;
    bool current = false;
    std::size_t count = 0;
};

bool has_pattern(const std::vector<std::string>& names) {
    return std::any_of(names.begin(), names.end(),
                       [](const std::string& n) { return protocol::is_listen_pattern(n); });
}

bool is_denied(BlockingClient& node) {
    try {
        node.flush();
        return false;
    } catch (const Error& error) {
        if (error.code() != Errc::permission_denied) throw;
        return true;
    }
}

/// A denial does not say of what: then they are tried one by one.
std::string denied_name(BlockingClient& node, const std::vector<std::string>& names) {
    for (const std::string& name : names) {
        node.unlisten(name);
        node.listen(name);
        if (is_denied(node)) return name;
    }
    return names.front();
}

void listen_to_all(BlockingClient& node, const std::vector<std::string>& names,
                   std::string& about) {
    if (has_pattern(names)) node.flush();  // a plain node would take it for a name like others
    for (const std::string& name : names) node.listen(name);
    if (!is_denied(node)) return;
    about = "listening to '" + denied_name(node, names) + "'";
    throw Error(Errc::permission_denied);
}

std::vector<std::string> print_current(BlockingClient& node, const std::vector<std::string>& names,
                                       bool json, std::string& about) {
    std::vector<std::string> lines;
    for (const std::string& name : names) {
        about = "listening to '" + name + "'";
        const auto value = node.listen_and_retrieve(name);
        if (!value) continue;
        lines.push_back(json ? json_line({{"verb", "RETRIEVED"}, {"name", name}, {"value", value}})
                             : signal_line(name, *value));
    }
    about.clear();
    return lines;
}

std::vector<std::string> listen(BlockingClient& node, const ListenArguments& a, bool json,
                                std::string& about) {
    if (a.current) return print_current(node, a.names, json, about);
    listen_to_all(node, a.names, about);
    return {};
}

void warn_of_plain_stars(Output& output, const std::vector<std::string>& names) {
    for (const std::string& name : names)
        if (has_plain_star(name))
            output.say("warning: a star in '" + escape(name) +
                       "' is a character like others: in listen it stands for a whole level, as "
                       "in 'sensor::*'");
}

Run declare_listen(CLI::App& verb) {
    auto arguments = std::make_shared<ListenArguments>();
    verb.add_option("NAME", arguments->names, "a name, or a pattern: 'sensor::*', 'sensor::**'")
        ->required();
    verb.add_flag("--current", arguments->current, "print first what is stored under NAME");
    add_count(verb, arguments->count);
    verb.footer(listen_footer);
    return [arguments](Context& context) {
        const ListenArguments& a = *arguments;
        if (a.current && has_pattern(a.names))
            throw Failure(ExitCode::usage,
                          "--current wants names without '*' (clacks keys PATTERN lists them)");
        const bool json = context.output().json();
        warn_of_plain_stars(context.output(), a.names);
        return run(context,
                   {.count = a.count,
                    .ready = "listening",
                    .begin = [&](BlockingClient& node,
                                 std::string& about) { return listen(node, a, json, about); },
                    .format = json ? signal_json : signal_text});
    };
}

std::optional<std::string> debug_text(const Message& message) {
    if (message.kind != Message::Kind::debug) return std::nullopt;
    return escape(message.name) + ' ' + escape(message.value);
}

std::optional<std::string> debug_json(const Message& message) {
    if (message.kind == Message::Kind::reconnected)
        return json_line({{"from", "MONITOR"}, {"line", "RECONNECTED"}});
    if (message.kind == Message::Kind::gap)
        return json_line(
            {{"from", "MONITOR"}, {"line", "MISSED=" + std::to_string(message.count)}});
    if (message.kind != Message::Kind::debug) return std::nullopt;
    return json_line({{"from", message.name}, {"line", message.value}});
}

struct MonitorArguments {
    std::size_t count = 0;
    MonitorFilter filter;
};

/// In capitals, as on the line; a word that is no verb is a usage error.
void check_commands(std::vector<std::string>& commands) {
    for (std::string& word : commands) {
        for (char& c : word) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
        if (!protocol::find_verb(word))
            throw Failure(ExitCode::usage,
                          "there is no command '" + word + "' (protocol.txt lists them)");
    }
}

std::vector<std::string> monitor(BlockingClient& node, const MonitorFilter& filter) {
    node.flush();  // a plain node would take a monitor with conditions for one without
    node.monitor(filter);
    node.flush();
    return {};
}

CLI::Validator is_share() {
    const auto fault = [](std::string& text) -> std::string {
        double share = 0;
        const bool fits = CLI::detail::lexical_cast(text, share) && share >= 1e-9 && share <= 1;
        return fits ? "" : "'" + text + "' is no share: a number above 0, at most 1";
    };
    return {fault, ""};
}

Run declare_monitor(CLI::App& verb) {
    auto arguments = std::make_shared<MonitorArguments>();
    MonitorFilter& filter = arguments->filter;
    add_count(verb, arguments->count);
    verb.add_option("--name", filter.name, "only lines about such a name, '*' and '**' as in keys")
        ->type_name("PATTERN")
        ->check(not_empty());
    verb.add_option("--command", filter.commands, "only these commands")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->type_name("VERB,VERB");
    verb.add_option("--client", filter.client, "only lines of this client, an id of clacks clients")
        ->type_name("CID")
        ->check(not_empty());
    verb.add_option("--sample", filter.share, "only a share of the lines, 0.01 is one in a hundred")
        ->check(is_share())
        ->type_name("X");
    verb.footer(monitor_footer);
    return [arguments](Context& context) {
        check_pattern(arguments->filter.name);
        check_commands(arguments->filter.commands);
        return run(context,
                   {.count = arguments->count,
                    .ready = "monitoring",
                    .begin = [&](BlockingClient& node,
                                 std::string&) { return monitor(node, arguments->filter); },
                    .format = context.output().json() ? debug_json : debug_text});
    };
}

}  // namespace

std::span<const Verb> watch_verbs() {
    static constexpr Verb verbs[] = {
        {"listen", "print signals as they arrive", declare_listen},
        {"monitor", "print all traffic of the node", declare_monitor},
    };
    return verbs;
}

}  // namespace clacks::tool
