#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>

#include "client/tool/copy_verbs.hpp"
#include "client/tool/entry_source.hpp"
#include "client/tool/importing.hpp"
#include "client/tool/input_copy.hpp"
#include "client/tool/text.hpp"

namespace clacks::tool {
namespace {

constexpr const char* import_footer =
    "FILE is what export has written, or a persistence file of Net::Clacks of any version; keys\n"
    "that are deleted there are left out. What the store has under other keys stays.\n\n"
    "All of FILE is looked at before anything is stored. With a malformed line nothing is, and it\n"
    "exits with 2; --skip-errors stores the rest. What has expired meanwhile is left out.\n\n"
    "An entry that the node refuses ends it, and is named; those before it are stored, and some\n"
    "behind it perhaps, which were on their way. --dry-run asks no node, so it does not know what\n"
    "would be refused.\n\n"
    "At the end the node has confirmed all that is counted as imported. A node whose cache.memory\n"
    "is full forgets others for it, or some of it again; how many meanwhile is said. --json:\n"
    "{\"imported\":1000,\"expired\":0,\"deleted\":0,\"malformed\":0,\"evicted\":0}; evicted is "
    "null\n"
    "when the node does not say, and with --dry-run it is would_import without evicted.";

struct ImportArguments {
    std::string file;
    bool skip_errors = false;
    bool dry_run = false;
};

/// The library's, before anybody knows of a node.
constexpr std::size_t longest_line() { return Options{}.line_bytes; }

/// The first reading.
void look_at(Output& output, InputCopy& input, EntryCheck& check) {
    output.status("looking at " + input.name() + " (" + amount(input.bytes(), Unit::bytes) + ")");
    try {
        read_entries(input.begin(), check);
    } catch (const Failure& failure) {
        output.status("");
        throw Failure(failure.code(), input.name() + ": " + failure.what());
    }
    output.status("");
}

void refuse_malformed(const EntryCheck& check, const std::string& name) {
    throw Failure(ExitCode::usage,
                  name + ": malformed: " + std::to_string(check.faults()) + " of " +
                      std::to_string(check.entries() + check.faults() + check.deleted_count()) +
                      " entries; nothing is imported (--skip-errors imports the rest)");
}

struct Imported {
    std::uint64_t stored = 0;
    std::uint64_t expired = 0;
    std::optional<std::uint64_t> evicted =
        {};  ///< by the node, meanwhile; nothing: it is not known
};

/// How many entries a node has forgotten for others since its start.
std::optional<std::uint64_t> evicted_count(BlockingClient& node) {
    if (!node.features().contains("status")) return std::nullopt;
    try {
        const Fields status = node.status();
        const std::string_view text = field(status, "evicted");
        std::uint64_t count = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
        if (error == std::errc() && end == text.data() + text.size()) return count;
    } catch (const Error& error) {
        if (error.code() != Errc::permission_denied) throw;
    }
    return std::nullopt;
}

Imported store_all(Context& context, InputCopy& input, const EntryCheck& check) {
    Imported imported;
    Options options = context.options();
    options.raw_values = true;
    context.ask(options, [&](BlockingClient& node) {
        node.flush();  // from here on it is known what the node can do
        if (check.ending() != 0 && !node.features().contains("expiry"))
            throw Error(Errc::not_supported);
        Progress progress(context.output(), "import", Unit::keys, check.entries());
        EntryStore entries(node, progress, longest_line());
        const auto evicted_before = evicted_count(node);
        try {
            read_entries(input.begin(), entries);
            entries.finish();
        } catch (const EntryRefused& refused) {
            context.output().say(input.name() + ':' + std::to_string(refused.line()) + ": key '" +
                                 escape(refused.key()) + "' is refused; stored before it: " +
                                 amount(entries.stored(), Unit::keys));
            throw;
        } catch (const Error&) {
            context.output().say("stored before it failed, at least: " +
                                 amount(entries.stored(), Unit::keys));
            throw;
        }
        imported = {.stored = entries.stored(), .expired = entries.expired()};
        if (evicted_before)
            if (const auto evicted = evicted_count(node))
                imported.evicted = *evicted - std::min(*evicted, *evicted_before);
    });
    return imported;
}

std::string to_json(bool dry_run, const Imported& imported, const EntryCheck& check) {
    const auto number = [](const char* name, const std::string& text) {
        return Field{.name = name, .value = text, .bare = true};
    };
    const std::string stored = std::to_string(imported.stored),
                      expired = std::to_string(imported.expired),
                      deleted = std::to_string(check.deleted_count()),
                      malformed = std::to_string(check.faults()),
                      evicted = imported.evicted ? std::to_string(*imported.evicted) : "null";
    if (dry_run)
        return json_line({number("would_import", stored), number("expired", expired),
                          number("deleted", deleted), number("malformed", malformed)});
    return json_line({number("imported", stored), number("expired", expired),
                      number("deleted", deleted), number("malformed", malformed),
                      number("evicted", evicted)});
}

void tell_imported(Output& output, bool dry_run, const Imported& imported,
                   const EntryCheck& check) {
    if (output.json()) return output.line(to_json(dry_run, imported, check));
    std::string left_out;
    const auto remark = [&](std::uint64_t count, const char* why) {
        if (count != 0)
            left_out += (left_out.empty() ? "; left out: " : ", ") + std::to_string(count) + why;
    };
    remark(imported.expired, " expired");
    remark(check.deleted_count(), " deleted");
    remark(check.faults(), " malformed");
    output.say((dry_run ? "would import " : "imported ") + amount(imported.stored, Unit::keys) +
               left_out);
    if (imported.evicted.value_or(0) != 0)
        output.say("the node's cache.memory is full: it has forgotten " +
                   amount(*imported.evicted, Unit::keys) + " meanwhile");
}

}  // namespace

Run declare_import(CLI::App& verb) {
    auto arguments = std::make_shared<ImportArguments>();
    verb.add_option("FILE", arguments->file, "what to import; '-' is standard input")
        ->required()
        ->check(not_empty());
    verb.add_flag("--skip-errors", arguments->skip_errors, "leave out what is malformed");
    verb.add_flag("--dry-run", arguments->dry_run, "only look at FILE, and talk to no node");
    verb.footer(import_footer);
    return [arguments](Context& context) {
        if (!arguments->dry_run) context.options();  // a mistake there comes before the work
        Output& output = context.output();
        InputCopy input(arguments->file, context.input());
        const auto now =
            std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
        EntryCheck check(output, input.name(), longest_line(), now);
        look_at(output, input, check);
        if (check.faults() != 0 && !arguments->skip_errors) refuse_malformed(check, input.name());
        const Imported imported =
            arguments->dry_run
                ? Imported{.stored = check.entries() - check.expired(), .expired = check.expired()}
                : store_all(context, input, check);
        tell_imported(output, arguments->dry_run, imported, check);
        return ExitCode::done;
    };
}

}  // namespace clacks::tool
