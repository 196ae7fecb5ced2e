#include <system_error>

#include "client/tool/copy_verbs.hpp"
#include "client/tool/pending_file.hpp"
#include "client/tool/progress.hpp"
#include "client/tool/saving.hpp"
#include "client/tool/text.hpp"
#include "persistence/backup.hpp"

namespace clacks::tool {
namespace {

constexpr const char* backup_footer =
    "The node saves what it has (this needs the permissions to manage and to read), and goes on;\n"
    "its database is then copied, checked, and FILE is complete or not there. Run it where the\n"
    "node runs, as a user who may read its database. Other machines: clacks export.\n\n"
    "A node that begins with the copy has the same content, and is a new node to the tree. To\n"
    "restore: stop the node, remove its database and what stands beside it (-wal, -shm), put\n"
    "the copy there, start it.\n\n"
    "--json: {\"file\":\"backup.db\",\"entries\":1000,\"bytes\":1048576}; deleted keys that are\n"
    "remembered count as entries.";

/// What to do about it stands behind.
Failure explain_copy(const std::string& database, const persistence::Failure& failure,
                     bool of_node) {
    std::error_code ignored;
    std::string advice;
    if (!std::filesystem::exists(database, ignored) || failure.what == "it is another node's")
        advice = of_node ? " (the node runs elsewhere, or sees other directories: run this there, "
                           "or use clacks export)"
                         : "";
    else if (failure.kind == persistence::Failure::Kind::unusable)
        advice = " (only the node's own user may read it, as a rule: sudo -u clacks)";
    else if (failure.kind == persistence::Failure::Kind::damaged)
        advice = of_node ? " (clacks export takes the store from the node's memory)" : "";
    return {ExitCode::negative, database + ": " + failure.what + advice};
}

persistence::BackupReport copy_database(Output& output, const SavedDatabase& saved,
                                        const NewFile& target) {
    std::error_code ignored;
    if (std::filesystem::equivalent(saved.file, target.path, ignored))
        throw Failure(ExitCode::usage, target.path.string() + " is the database itself");
    PendingFile file(target.path);
    Progress progress(output, "backup", Unit::bytes, 0);
    const auto report = persistence::backup(
        {.database = saved.file, .file = file.path(), .id = saved.id},
        [&](std::uint64_t bytes, std::uint64_t all) { progress.at(bytes, all); });
    if (!report) throw explain_copy(saved.file, report.error(), !saved.id.empty());
    file.move_into_place(0600, target.replace);
    return *report;
}

}  // namespace

Run declare_backup(CLI::App& verb) {
    struct Arguments {
        NewFile target;
        std::string database;
    };
    auto arguments = std::make_shared<Arguments>();
    arguments->target.declare(verb, "the copy");
    verb.add_option("--database", arguments->database,
                    "copy this database, and talk to no node: for one that is stopped")
        ->type_name("DB")
        ->check(not_empty());
    verb.footer(backup_footer);
    return [arguments](Context& context) {
        if (arguments->target.path == "-")
            throw Failure(ExitCode::usage,
                          "a database cannot be written to standard output: backup wants the name "
                          "of a file (./- for one of that name; clacks export writes to '-')");
        arguments->target.check();
        const std::string& database = arguments->database;
        const auto saved = database.empty() ? save_node(context)
                                            : SavedDatabase{.file = database, .id = "", .time = ""};
        Output& output = context.output();
        const auto report = copy_database(output, saved, arguments->target);
        const std::string file = arguments->target.path.string();
        if (output.json())
            output.line(json_line(
                {{"file", file},
                 {.name = "entries", .value = std::to_string(report.entries), .bare = true},
                 {.name = "bytes", .value = std::to_string(report.bytes), .bare = true}}));
        else
            output.say(saved.file + " is copied to " + file + ": " +
                       amount(report.entries, Unit::keys) + " (removed ones that are remembered " +
                       "included), " + amount(report.bytes, Unit::bytes));
        return ExitCode::done;
    };
}

}  // namespace clacks::tool
