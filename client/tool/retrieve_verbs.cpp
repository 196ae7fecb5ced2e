#include <algorithm>
#include <chrono>

#include "client/tool/key.hpp"
#include "client/tool/pattern.hpp"
#include "client/tool/text.hpp"
#include "client/tool/verb.hpp"

// The verbs that look into the store.
namespace clacks::tool {
namespace {

constexpr const char* retrieve_footer =
    "Prints the value's bytes as they are, and a line end. For several names a line each,\n"
    "NAME=VALUE, with control characters and backslashes as \\x1b, \\\\. Exits with 1 when one of\n"
    "the keys is not there.\n\n"
    "--json: {\"name\":\"a\",\"value\":\"1\"}; \"value\":null for no such key; \"value_base64\" "
    "when the\n"
    "value is not UTF-8. --version puts the version in front of the value, or in \"version\".";

constexpr const char* keys_footer =
    "Prints a key per line, with control characters and backslashes as \\x1b, \\\\. Sorted; but\n"
    "with --limit or --after in an order of the node's own, so that one page follows the other.\n"
    "When there is more it says so on standard error.\n\n"
    "--json: {\"name\":\"a::b\"} per line.";

constexpr const char* ttl_footer =
    "Prints the seconds, or never. Exits with 1 when there is no such key.\n\n"
    "--json: {\"name\":\"a\",\"seconds\":1.500000}; \"seconds\":null for never;\n"
    "{\"name\":\"a\",\"exists\":false} for no such key.";

std::string no_such_key(const std::string& name) { return "no such key: " + escape(name); }

struct RetrieveArguments {
    std::vector<std::string> given;
    bool cache_key = false;
    bool raw = false;
    bool version = false;

    std::vector<std::string> names() const {
        std::vector<std::string> names;
        for (const auto& each : given) names.push_back(Key{each, cache_key}.name());
        return names;
    }
};

ExitCode retrieve_one(Context& context, const std::string& name, bool raw) {
    Output& output = context.output();
    std::optional<std::string> value;
    context.ask([&](BlockingClient& node) { value = node.retrieve(name); });
    if (output.json())
        output.line(json_line({{"name", name}, {"value", value}}));
    else if (!value)
        output.say(no_such_key(name));
    else if (raw)
        output.bytes(*value);
    else
        output.line(*value);
    return value ? ExitCode::done : ExitCode::negative;
}

ExitCode retrieve_version(Context& context, const std::string& name) {
    Output& output = context.output();
    std::optional<Versioned> found;
    context.ask([&](BlockingClient& node) { found = node.retrieve_version(name); });
    std::optional<std::string> version;
    std::optional<std::string> value;
    if (found) {
        version = std::move(found->version);
        value = std::move(found->value);
    }
    if (output.json())
        output.line(json_line({{"name", name}, {"version", version}, {"value", value}}));
    else if (found)
        output.line(escape(*version) + ' ' + *value);
    else
        output.say(no_such_key(name));
    return found ? ExitCode::done : ExitCode::negative;
}

std::vector<std::optional<std::string>> values_of(BlockingClient& node,
                                                  const std::vector<std::string>& names) {
    try {
        return node.retrieve_many(names);
    } catch (const Error& error) {
        if (error.code() != Errc::not_supported) throw;
    }
    std::vector<std::optional<std::string>> values;
    values.reserve(names.size());
    for (const std::string& name : names) values.push_back(node.retrieve(name));
    return values;
}

ExitCode retrieve_several(Context& context, const std::vector<std::string>& names) {
    Output& output = context.output();
    std::vector<std::optional<std::string>> values;
    context.ask([&](BlockingClient& node) { values = values_of(node, names); });
    bool all = true;
    for (std::size_t i = 0; i < names.size(); ++i) {
        all = all && values[i];
        if (output.json())
            output.line(json_line({{"name", names[i]}, {"value", values[i]}}));
        else if (values[i])
            output.line(signal_line(names[i], *values[i]));
        else
            output.say(no_such_key(names[i]));
    }
    return all ? ExitCode::done : ExitCode::negative;
}

Run declare_retrieve(CLI::App& verb) {
    auto arguments = std::make_shared<RetrieveArguments>();
    verb.add_option("NAME", arguments->given, "levels are separated by '::'")->required();
    add_cache_key(verb, arguments->cache_key);
    auto* raw = verb.add_flag("--raw", arguments->raw, "no line end behind the value");
    verb.add_flag("--version", arguments->version, "with the version, for store --if")
        ->excludes(raw);
    verb.footer(retrieve_footer);
    return [arguments](Context& context) {
        const auto names = arguments->names();
        if (names.size() > 1 && (arguments->raw || arguments->version))
            throw Failure(ExitCode::usage, "--raw and --version want a single NAME");
        if (arguments->version) return retrieve_version(context, names.front());
        if (names.size() > 1) return retrieve_several(context, names);
        return retrieve_one(context, names.front(), arguments->raw);
    };
}

Run declare_exists(CLI::App& verb) {
    auto key = std::make_shared<Key>();
    add_key(verb, *key);
    verb.footer(
        "Exits with 0 if there is such a key, with 1 if not, and prints nothing.\n\n"
        "--json: {\"name\":\"a\",\"exists\":true}.");
    return [key](Context& context) {
        const std::string name = key->name();
        bool exists = false;
        context.ask([&](BlockingClient& node) { exists = node.exists(name); });
        Output& output = context.output();
        if (output.json())
            output.line(json_line({{"name", name}, truth_field("exists", exists)}));
        else if (!exists)
            output.say(no_such_key(name));
        return exists ? ExitCode::done : ExitCode::negative;
    };
}

std::string seconds_text(std::chrono::microseconds span) {
    std::string decimals = std::to_string(span.count() % 1'000'000);
    decimals.insert(0, 6 - decimals.size(), '0');
    return std::to_string(span.count() / 1'000'000) + '.' + decimals;
}

Run declare_ttl(CLI::App& verb) {
    auto key = std::make_shared<Key>();
    add_key(verb, *key);
    verb.footer(ttl_footer);
    return [key](Context& context) {
        const std::string name = key->name();
        std::optional<Lifetime> lifetime;
        context.ask([&](BlockingClient& node) { lifetime = node.time_to_live(name); });
        Output& output = context.output();
        if (!lifetime) {
            if (output.json())
                output.line(json_line({{"name", name}, truth_field("exists", false)}));
            else
                output.say(no_such_key(name));
            return ExitCode::negative;
        }
        std::optional<std::string> seconds;
        if (lifetime->left) seconds = seconds_text(*lifetime->left);
        output.line(output.json() ? json_line({{"name", name},
                                               {.name = "seconds", .value = seconds, .bare = true}})
                                  : seconds.value_or("never"));
        return ExitCode::done;
    };
}

struct KeysArguments {
    std::string pattern = "**";
    std::size_t limit = 0;  ///< 0: all
    std::string after;
};

void print_keys(Output& output, const std::vector<std::string>& keys) {
    std::string lines;
    for (const std::string& key : keys) {
        lines += output.json() ? json_line({{"name", key}}) : escape(key);
        lines += '\n';
    }
    output.bytes(lines);
}

/// Prints page by page; true if there is more than `limit`.
bool print_pages(BlockingClient& node, const KeysArguments& a, Output& output) {
    KeyQuery query{.pattern = a.pattern, .after = a.after};
    const std::size_t page_size = query.limit;
    for (std::size_t left = a.limit;;) {
        if (a.limit != 0) query.limit = std::min(left, page_size);
        const KeyPage page = node.key_page(query);
        print_keys(output, page.keys);
        left -= std::min(left, page.keys.size());
        if (page.after.empty()) return false;
        if (a.limit != 0 && left == 0) return true;
        query.after = page.after;
    }
}

/// The same of a node that cannot: everything is fetched, and its order is that of the keys.
bool print_part(BlockingClient& node, const KeysArguments& a, Output& output) {
    std::vector<std::string> keys = node.keys(a.pattern);
    keys.erase(keys.begin(), std::upper_bound(keys.begin(), keys.end(), a.after));
    const bool more = a.limit != 0 && keys.size() > a.limit;
    if (more) keys.resize(a.limit);
    print_keys(output, keys);
    return more;
}

Run declare_keys(CLI::App& verb) {
    auto arguments = std::make_shared<KeysArguments>();
    verb.add_option("PATTERN", arguments->pattern,
                    "which keys, all if not given: '*' stands for one level between\n'::', or for "
                    "any characters of a level; '**' at the end for one\nlevel or more");
    verb.add_option("--limit", arguments->limit, "at most so many")
        ->check(CLI::Range(1, 1000000000).description(""))
        ->type_name("N");
    verb.add_option("--after", arguments->after, "go on behind this key, the last of a page")
        ->type_name("KEY")
        ->check(not_empty());
    verb.footer(keys_footer);
    return [arguments](Context& context) {
        const KeysArguments& a = *arguments;
        Output& output = context.output();
        check_pattern(a.pattern);
        if (a.after.find_first_of(" \r\n") != std::string::npos)
            throw Failure(ExitCode::usage, "--after wants a key: no blank and no line break");
        bool more = false;
        context.ask([&](BlockingClient& node) {
            node.flush();  // a plain node would take the question for one without conditions
            if (a.limit == 0 && a.after.empty()) return print_keys(output, node.keys(a.pattern));
            const bool pages = node.features().contains("keylist_pages");
            more = pages ? print_pages(node, a, output) : print_part(node, a, output);
        });
        if (more) output.say("there is more: --after and the last of these keys gives it");
        return ExitCode::done;
    };
}

}  // namespace

std::span<const Verb> retrieve_verbs() {
    static constexpr Verb verbs[] = {
        {"retrieve", "print the value of NAME", declare_retrieve},
        {"exists", "say whether there is a value of NAME", declare_exists},
        {"ttl", "print how long the value of NAME is still there", declare_ttl},
        {"keys", "list the keys of the store", declare_keys},
    };
    return verbs;
}

}  // namespace clacks::tool
