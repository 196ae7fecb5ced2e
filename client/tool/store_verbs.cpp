#include "client/tool/commands.hpp"
#include "client/tool/duration.hpp"
#include "client/tool/key.hpp"
#include "client/tool/text.hpp"
#include "client/tool/yaml_value.hpp"

// The verbs that change the store.
namespace clacks::tool {
namespace {

constexpr const char* store_footer =
    "With --if it prints the version that the value got, or exits with 1 when the condition did\n"
    "not hold. --json then: {\"name\":\"a\",\"version\":\"17\"}, \"version\":null for not "
    "stored.\n\n"
    "--yaml wants a mapping or a list, which Perl programs read as the structure that it is.";

constexpr const char* print_footer =
    "Prints what came out, if the node can tell and this user may read it; with --print it is a\n"
    "failure if not. --json: {\"name\":\"n\",\"value\":\"3\"}, \"value\":null for not told.";

struct StoreArguments {
    Key key;
    std::string value;
    std::string lifetime;
    std::string condition;
    bool yaml = false;
};

Condition parse_condition(const std::string& text) {
    constexpr std::string_view version = "version:";
    if (text == "absent") return Condition::absent();
    if (text == "present") return Condition::present();
    if (text.starts_with(version)) return Condition::version(text.substr(version.size()));
    throw Failure(ExitCode::usage,
                  "'" + text + "' is no condition (allowed: absent, present, version:V)");
}

ExitCode store_if(Context& context, const StoreArguments& a, const std::string& value,
                  std::chrono::microseconds lifetime) {
    const Condition condition = parse_condition(a.condition);
    const std::string name = a.key.name();
    std::optional<std::string> version;
    context.ask(
        [&](BlockingClient& node) { version = node.store_if(condition, name, value, lifetime); });
    Output& output = context.output();
    if (output.json())
        output.line(json_line({{"name", name}, {"version", version}}));
    else if (version)
        output.line(escape(*version));
    else
        output.say("not stored: " + escape(name) + " does not meet '" + a.condition + "'");
    return version ? ExitCode::done : ExitCode::negative;
}

ExitCode store(Context& context, const StoreArguments& a) {
    const auto lifetime =
        a.lifetime.empty() ? std::chrono::microseconds(0) : parse_duration(a.lifetime);
    const std::string value = context.value(a.value);  // before connecting: may be slow
    if (a.yaml) check_yaml(value);
    if (!a.condition.empty()) return store_if(context, a, value, lifetime);
    return context.tell(a.key.name(), [&](BlockingClient& node) {
        if (a.yaml) return node.store_yaml(a.key.name(), value);
        if (lifetime.count() == 0) return node.store(a.key.name(), value);
        node.store_for(a.key.name(), value, lifetime);
    });
}

Run declare_store(CLI::App& verb) {
    auto arguments = std::make_shared<StoreArguments>();
    add_key(verb, arguments->key);
    add_value(verb, arguments->value);
    auto* lifetime = verb.add_option("--for", arguments->lifetime,
                                     "gone after this time: 500ms, 30s, 5m, 1h, 7d");
    auto* condition = verb.add_option("--if", arguments->condition,
                                      "only if this holds: absent, present, version:V");
    verb.add_flag("--yaml", arguments->yaml,
                  "VALUE is YAML: a structure, as Perl programs store it")
        ->excludes(lifetime)
        ->excludes(condition);
    lifetime->type_name("TIME")->check(not_empty());
    condition->type_name("CONDITION")->check(not_empty());
    verb.footer(store_footer);
    return [arguments](Context& context) { return store(context, *arguments); };
}

Run declare_remove(CLI::App& verb) {
    struct Arguments {
        Key key;
        std::string version;
    };
    auto arguments = std::make_shared<Arguments>();
    add_key(verb, arguments->key);
    verb.add_option("--if-version", arguments->version,
                    "only if the value still has this version; exits with 1 if not")
        ->type_name("V")
        ->check(not_empty());
    return [arguments](Context& context) {
        const std::string name = arguments->key.name();
        if (arguments->version.empty())
            return context.tell(name, [&](BlockingClient& node) { node.remove(name); });
        bool removed = false;
        context.ask(
            [&](BlockingClient& node) { removed = node.remove_if(arguments->version, name); });
        Output& output = context.output();
        if (output.json())
            output.line(json_line({{"name", name}, truth_field("removed", removed)}));
        else if (!removed)
            output.say("not removed: " + escape(name) + " has another version, or is gone");
        return removed ? ExitCode::done : ExitCode::negative;
    };
}

using Count = void (BlockingClient::*)(std::string_view, const Step&);
using CountAndRetrieve = std::string (BlockingClient::*)(std::string_view, const Step&);

/// What came out; nothing, and nothing done, if this user may not read it or the node cannot tell.
/// That is a failure only to who insists.
template <CountAndRetrieve count_and_retrieve>
std::optional<std::string> count_and_tell(BlockingClient& node, const std::string& name,
                                          const Step& step, bool insists) {
    try {
        return (node.*count_and_retrieve)(name, step);
    } catch (const Error& error) {
        const bool untold =
            error.code() == Errc::permission_denied || error.code() == Errc::not_supported;
        if (insists || !untold) throw;
        return std::nullopt;
    }
}

/// VERB NAME [STEP]
template <Count count, CountAndRetrieve count_and_retrieve>
Run declare_step(CLI::App& verb) {
    struct Arguments {
        Key key;
        std::string step = "1";
        bool print = false;
    };
    auto arguments = std::make_shared<Arguments>();
    add_key(verb, arguments->key);
    verb.add_option("STEP", arguments->step,
                    "a number, 1 if not given; may be negative or decimal");
    verb.add_flag("--print", arguments->print, "fail if the node cannot tell what came out");
    verb.footer(print_footer);
    return [arguments](Context& context) {
        const std::string name = arguments->key.name();
        const Step step(arguments->step);
        std::optional<std::string> value;
        context.ask([&](BlockingClient& node) {
            value = count_and_tell<count_and_retrieve>(node, name, step, arguments->print);
            if (value) return;
            (node.*count)(name, step);
            node.flush();
        });
        Output& output = context.output();
        if (output.json())
            output.line(json_line({{"name", name}, {"value", value}}));
        else if (value)
            output.line(escape(*value));
        return ExitCode::done;
    };
}

/// Zero: never.
std::chrono::microseconds lifetime_of(const std::string& text) {
    if (text == "never") return {};
    try {
        return parse_duration(text);
    } catch (const Failure& failure) {
        throw Failure(failure.code(), failure.what() + std::string("; or 'never'"));
    }
}

Run declare_expire(CLI::App& verb) {
    struct Arguments {
        Key key;
        std::string lifetime;
    };
    auto arguments = std::make_shared<Arguments>();
    add_key(verb, arguments->key);
    verb.add_option("SECONDS", arguments->lifetime,
                    "from now on: a number of seconds, or 500ms, 5m, 1h, 7d; or 'never'")
        ->required();
    verb.footer("Without a value of that name it does nothing.");
    return [arguments](Context& context) {
        const auto lifetime = lifetime_of(arguments->lifetime);
        const std::string name = arguments->key.name();
        return context.tell(name, [&](BlockingClient& node) { node.expire(name, lifetime); });
    };
}

Run declare_clear(CLI::App& verb) {
    verb.footer("Empties the store of every node of the tree. Needs the permission to manage.");
    return [](Context& context) {
        return context.tell("", [](BlockingClient& node) { node.clear_cache(); });
    };
}

}  // namespace

std::span<const Verb> store_verbs() {
    static constexpr Verb verbs[] = {
        {"store", "store a value under NAME, without a signal", declare_store},
        {"remove", "remove NAME from the store", declare_remove},
        {"increment", "add to the number under NAME",
         declare_step<&BlockingClient::increment, &BlockingClient::increment_and_retrieve>},
        {"decrement", "subtract from the number under NAME",
         declare_step<&BlockingClient::decrement, &BlockingClient::decrement_and_retrieve>},
        {"expire", "let the value of NAME end after a time", declare_expire},
        {"clear", "remove everything from the store, on the whole tree", declare_clear},
    };
    return verbs;
}

}  // namespace clacks::tool
