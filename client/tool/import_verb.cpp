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
    "An entry that the node refuses ends it; those before it are stored. --dry-run asks no node,\n"
    "so it does not know what would be refused, and counts what has expired along.\n\n"
    "At the end the node has confirmed all that is counted as imported; what did not fit in its\n"
    "cache.memory it has forgotten again (evicted in clacks status). --json:\n"
    "{\"imported\":1000,\"expired\":0,\"deleted\":0,\"malformed\":0}.";

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
};

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
        try {
            read_entries(input.begin(), entries);
            entries.finish();
        } catch (const Error&) {
            context.output().say("stored before it failed, at least: " +
                                 amount(entries.stored(), Unit::keys));
            throw;
        }
        imported = {entries.stored(), entries.expired()};
    });
    return imported;
}

void tell_imported(Output& output, bool dry_run, const Imported& imported,
                   const EntryCheck& check) {
    const auto number = [](const char* name, const std::string& text) {
        return Field{.name = name, .value = text, .bare = true};
    };
    const auto text = [](std::uint64_t count) { return std::to_string(count); };
    if (output.json()) {
        const std::string stored = text(imported.stored), expired = text(imported.expired),
                          deleted = text(check.deleted_count()), malformed = text(check.faults());
        return output.line(json_line({number("imported", stored), number("expired", expired),
                                      number("deleted", deleted), number("malformed", malformed)}));
    }
    std::string left_out;
    const auto remark = [&](std::uint64_t count, const char* why) {
        if (count != 0) left_out += (left_out.empty() ? "; left out: " : ", ") + text(count) + why;
    };
    remark(imported.expired, " expired");
    remark(check.deleted_count(), " deleted");
    remark(check.faults(), " malformed");
    output.say((dry_run ? "would import " + amount(check.entries(), Unit::keys)
                        : "imported " + amount(imported.stored, Unit::keys)) +
               left_out);
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
        EntryCheck check(output, input.name(), longest_line());
        look_at(output, input, check);
        if (check.faults() != 0 && !arguments->skip_errors) refuse_malformed(check, input.name());
        Imported imported;
        if (!arguments->dry_run) imported = store_all(context, input, check);
        tell_imported(output, arguments->dry_run, imported, check);
        return ExitCode::done;
    };
}

}  // namespace clacks::tool
