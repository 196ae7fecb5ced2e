#include "client/tool/commands.hpp"
#include "client/tool/name_pattern.hpp"
#include "client/tool/text.hpp"

namespace clacks::tool {
namespace {

constexpr const char* retrieve_footer =
    "Prints the value's bytes as they are, and a line end. Exits with 1 when there is no such\n"
    "key.\n\n"
    "--json: {\"name\":\"a\",\"value\":\"1\"}; \"value\":null for no such key; \"value_base64\" "
    "when the\n"
    "value is not UTF-8.";

constexpr const char* keys_footer =
    "Prints a key per line, sorted, with control characters and backslashes as \\x1b, \\\\.\n\n"
    "--json: {\"name\":\"a::b\"} per line.";

/// VERB NAME [STEP]
template <void (BlockingClient::*command)(std::string_view, const Step&)>
Run declare_step(CLI::App& verb) {
    struct Arguments {
        std::string name;
        std::string step = "1";
    };
    auto arguments = std::make_shared<Arguments>();
    add_name(verb, arguments->name);
    verb.add_option("STEP", arguments->step,
                    "a number, 1 if not given; may be negative or decimal");
    return [arguments](Context& context) {
        return context.tell(
            [&](BlockingClient& node) { (node.*command)(arguments->name, Step(arguments->step)); });
    };
}

void print_value(Output& output, const std::string& name, const std::optional<std::string>& value,
                 bool raw) {
    if (output.json())
        output.line(json_line({{"name", name}, {"value", value}}));
    else if (!value)
        output.say("no such key: " + escape(name));
    else if (raw)
        output.bytes(*value);
    else
        output.line(*value);
}

Run declare_retrieve(CLI::App& verb) {
    struct Arguments {
        std::string name;
        bool raw = false;
    };
    auto arguments = std::make_shared<Arguments>();
    add_name(verb, arguments->name);
    verb.add_flag("--raw", arguments->raw, "no line end behind the value");
    verb.footer(retrieve_footer);
    return [arguments](Context& context) {
        std::optional<std::string> value;
        context.ask([&](BlockingClient& node) { value = node.retrieve(arguments->name); });
        print_value(context.output(), arguments->name, value, arguments->raw);
        return value ? ExitCode::done : ExitCode::negative;
    };
}

Run declare_keys(CLI::App& verb) {
    auto pattern = std::make_shared<std::string>("**");
    verb.add_option("PATTERN", *pattern,
                    "which keys, all if not given: '*' stands for one level between\n'::', '**' at "
                    "the end for one or more");
    verb.footer(keys_footer);
    return [pattern](Context& context) {
        const NamePattern wanted(*pattern);
        std::vector<std::string> keys;
        context.ask([&](BlockingClient& node) { keys = node.keys(); });
        std::string lines;
        for (const std::string& key : keys) {
            if (!wanted.matches(key)) continue;
            lines += context.output().json() ? json_line({{"name", key}}) : escape(key);
            lines += '\n';
        }
        context.output().bytes(lines);
        return ExitCode::done;
    };
}

Run declare_clear(CLI::App& verb) {
    verb.footer("Empties the store of every node of the tree. Needs the permission to manage.");
    return [](Context& context) {
        return context.tell([](BlockingClient& node) { node.clear_cache(); });
    };
}

}  // namespace

std::span<const Verb> store_verbs() {
    static constexpr Verb verbs[] = {
        {"store", "store a value under NAME, without a signal",
         declare_name_value<&BlockingClient::store>},
        {"retrieve", "print the value of NAME", declare_retrieve},
        {"remove", "remove NAME from the store", declare_name<&BlockingClient::remove>},
        {"increment", "add to the number under NAME", declare_step<&BlockingClient::increment>},
        {"decrement", "subtract from the number under NAME",
         declare_step<&BlockingClient::decrement>},
        {"keys", "list the keys of the store", declare_keys},
        {"clear", "remove everything from the store, on the whole tree", declare_clear},
    };
    return verbs;
}

}  // namespace clacks::tool
