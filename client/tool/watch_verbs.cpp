#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <memory>
#include <vector>

#include "clacks/client.hpp"
#include "client/tool/text.hpp"
#include "client/tool/verb.hpp"

// The verbs that stay: they print what arrives until Ctrl-C or --count.
namespace clacks::tool {
namespace {

namespace asio = boost::asio;

constexpr const char* listen_footer =
    "Prints a line per signal, as it comes: NAME=VALUE for SET, NAME for NOTIFY. In it a\n"
    "backslash is \\\\, a line feed \\n, a carriage return \\r, a tab \\t, any other control\n"
    "character \\xHH, and a '=' in the name of a NOTIFY \\x3d: the first '=' ends the name.\n\n"
    "--json: {\"verb\":\"SET\",\"name\":\"a\",\"value\":\"1\"}, "
    "{\"verb\":\"NOTIFY\",\"name\":\"a\"}. What is\n"
    "not UTF-8 stands in name_base64 or value_base64 instead.\n\n"
    "Says \"listening\" on standard error once nothing can be missed any more. A lost connection\n"
    "is made again. Ctrl-C ends it, with exit code 0.";

constexpr const char* monitor_footer =
    "Prints a line for each line that any client sends to the node, this one included: the\n"
    "client's id, a blank, and its line, with control characters and backslashes as \\x1b, \\\\.\n"
    "CONNECTED, DISCONNECTED and SERVERCACHE in place of an id tell what the node did itself.\n\n"
    "--json: {\"from\":\"127.0.0.1:54321:17\",\"line\":\"SET a=1\"}. What is not UTF-8 stands in\n"
    "line_base64 instead.\n\n"
    "Says \"monitoring\" on standard error once nothing can be missed any more. A lost connection\n"
    "is made again. Needs the permission to manage. Ctrl-C ends it, with exit code 0.";

struct Watch {
    std::size_t count = 0;  ///< 0: until Ctrl-C
    const char* ready;      ///< said when the node has executed `begin`
    std::function<void(BlockingClient&)> begin;
    /// The line for a message of the kind that is watched for; none for any other.
    std::function<std::optional<std::string>(const Message&)> format;
};

void add_count(CLI::App& verb, std::size_t& count) {
    verb.add_option("--count", count, "end after so many lines")
        ->check(CLI::Range(1, 1000000000).description(""))
        ->type_name("N");
}

/// What happens to the connection meanwhile is talk, not data.
void report(Output& output, const Message& message) {
    switch (message.kind) {
        case Message::Kind::disconnected:
            return output.say("connection lost: " + message.value + "; connecting again");
        case Message::Kind::reconnected:
            return output.say("connected again; what was sent meanwhile is missed");
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

void print(Context& context, BlockingClient& node, const Watch& watch) {
    for (std::size_t printed = 0; watch.count == 0 || printed < watch.count;) {
        const Message message = node.receive();
        if (const auto line = watch.format(message)) {
            context.output().line(*line);
            ++printed;
        } else {
            report(context.output(), message);
        }
    }
}

ExitCode run(Context& context, const Watch& watch) {
    BlockingClient node(context.options());
    // On the client's own thread, so that close() wakes whatever this one waits for.
    asio::signal_set stop(node.client().get_executor(), SIGINT, SIGTERM);
    stop.async_wait([&node](const error_code& error, int) {
        if (!error) node.close();
    });
    bool connected = false;
    try {
        node.connect();
        connected = true;
        watch.begin(node);
        node.flush();
        context.output().say(watch.ready);
        print(context, node, watch);
    } catch (const Error& error) {
        if (error.code() == Errc::closed) return ExitCode::done;  // only Ctrl-C closes
        throw explain({error.code(), node.diagnostic(), connected}, context.options());
    }
    return ExitCode::done;
}

std::optional<std::string> signal_text(const Message& message) {
    if (message.kind == Message::Kind::set) return signal_line(message.name, message.value);
    if (message.kind == Message::Kind::notify) return signal_line(message.name, std::nullopt);
    return std::nullopt;
}

std::optional<std::string> signal_json(const Message& message) {
    if (message.kind == Message::Kind::set)
        return json_line({{"verb", "SET"}, {"name", message.name}, {"value", message.value}});
    if (message.kind == Message::Kind::notify)
        return json_line({{"verb", "NOTIFY"}, {"name", message.name}});
    return std::nullopt;
}

Run declare_listen(CLI::App& verb) {
    struct Arguments {
        std::vector<std::string> names;
        std::size_t count = 0;
    };
    auto arguments = std::make_shared<Arguments>();
    verb.add_option("NAME", arguments->names, "what to listen to")->required();
    add_count(verb, arguments->count);
    verb.footer(listen_footer);
    return [arguments](Context& context) {
        return run(context, {.count = arguments->count,
                             .ready = "listening",
                             .begin =
                                 [&](BlockingClient& node) {
                                     for (const auto& name : arguments->names) node.listen(name);
                                 },
                             .format = context.output().json() ? signal_json : signal_text});
    };
}

std::optional<std::string> debug_text(const Message& message) {
    if (message.kind != Message::Kind::debug) return std::nullopt;
    return escape(message.name) + ' ' + escape(message.value);
}

std::optional<std::string> debug_json(const Message& message) {
    if (message.kind != Message::Kind::debug) return std::nullopt;
    return json_line({{"from", message.name}, {"line", message.value}});
}

Run declare_monitor(CLI::App& verb) {
    auto count = std::make_shared<std::size_t>(0);
    add_count(verb, *count);
    verb.footer(monitor_footer);
    return [count](Context& context) {
        return run(context, {.count = *count,
                             .ready = "monitoring",
                             .begin = [](BlockingClient& node) { node.monitor(); },
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
