#include <cstdlib>
#include <optional>

#include "client/tool/copy_verbs.hpp"
#include "client/tool/pattern.hpp"
#include "client/tool/pending_file.hpp"
#include "client/tool/progress.hpp"
#include "client/tool/store_reader.hpp"
#include "client/tool/text.hpp"

namespace clacks::tool {
namespace {

constexpr const char* export_footer =
    "An entry is a line of JSON: {\"key\":\"a\",\"value\":\"1\"}. What is not UTF-8 stands in\n"
    "key_base64, value_base64 instead; a data structure of Perl's cache client in yaml; when it\n"
    "ends in expires, as 2026-11-20T18:22:03.123456Z; what a client of memcached keeps with it in\n"
    "flags. Deleted keys are left out, and what this user may not read.\n\n"
    "FILE is complete or not there; only its owner can read it. An entry that changes meanwhile\n"
    "is written as it was or as it is: backup copies one moment. Each entry counts as read.\n\n"
    "With --json it says {\"exported\":1000} on standard output, unless the entries go there.";

/// Where the entries go: a file that is not there before it is complete, or standard output.
class Destination {
public:
    Destination(Output& output, const NewFile& target) : output_(output), target_(target) {
        if (!is_output()) file_.emplace(target.path);
    }

    bool is_output() const { return target_.path == "-"; }

    void line(const std::string& text) {
        constexpr std::size_t enough = 64U << 10U;
        lines_ += text;
        lines_ += '\n';
        if (lines_.size() >= enough) write();
    }
    void finish() {
        write();
        if (file_) file_->move_into_place(0600, target_.replace);
    }

private:
    void write() {
        if (file_)
            file_->write(lines_);
        else
            output_.bytes(lines_);
        lines_.clear();
    }

    Output& output_;
    const NewFile& target_;
    std::optional<PendingFile> file_;
    std::string lines_;
};

/// How many there may be: all of the node, of which this user may not see some. 0: not known.
std::uint64_t expected(BlockingClient& node, const std::string& pattern) {
    if (pattern != "**" || !node.features().contains("status")) return 0;
    try {
        const Fields status = node.status();
        return std::strtoull(std::string(field(status, "keys")).c_str(), nullptr, 10);
    } catch (const Error& error) {
        if (error.code() != Errc::permission_denied) throw;
        return 0;
    }
}

std::uint64_t write_all(Context& context, const std::string& pattern, Destination& destination) {
    std::uint64_t count = 0;
    std::uint64_t left_out = 0;
    std::string first_left_out;
    Options options = context.options();
    options.raw_values = true;
    context.ask(options, [&](BlockingClient& node) {
        StoreReader reader(node, pattern);
        Progress progress(context.output(), "export", Unit::keys, expected(node, pattern));
        const auto take = [&](const CarriedEntry& entry) {
            destination.line(format_entry(entry));
            progress.at(++count);
        };
        reader.read(take, [&](const std::string& key) {
            if (left_out++ == 0) first_left_out = key;
        });
    });
    destination.finish();
    if (left_out > 0)
        context.output().say("left out: " + amount(left_out, Unit::keys) +
                             " that cannot be asked for, as '=' or a blank is in the name; '" +
                             escape(first_left_out) + "' is the first");
    return count;
}

}  // namespace

Run declare_export(CLI::App& verb) {
    struct Arguments {
        NewFile target;
        std::string pattern = "**";
    };
    auto arguments = std::make_shared<Arguments>();
    arguments->target.declare(verb, "where to; '-' is standard output");
    verb.add_option("--pattern", arguments->pattern, "only such keys, '*' and '**' as in keys")
        ->type_name("PATTERN")
        ->check(not_empty());
    verb.footer(export_footer);
    return [arguments](Context& context) {
        const Arguments& a = *arguments;
        check_pattern(a.pattern);
        if (a.target.path != "-") a.target.check();
        Output& output = context.output();
        context.options();  // whoever cannot log in leaves no trace of a file
        Destination destination(output, a.target);
        const auto count = write_all(context, a.pattern, destination);
        if (output.json() && !destination.is_output())
            output.line(
                json_line({{.name = "exported", .value = std::to_string(count), .bare = true}}));
        else
            output.say("exported " + amount(count, Unit::keys));
        return ExitCode::done;
    };
}

}  // namespace clacks::tool
