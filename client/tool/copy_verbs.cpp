#include "client/tool/copy_verbs.hpp"

namespace clacks::tool {

void NewFile::declare(CLI::App& verb, const char* help) {
    verb.add_option("FILE", path, help)->required()->check(not_empty());
    verb.add_flag("--force", replace, "replace FILE if it is there already");
}

void NewFile::check() const {
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) return;
    // Root would replace /dev/null, too.
    if (!std::filesystem::is_regular_file(path, ignored))
        throw Failure(ExitCode::usage, path.string() + " is no regular file");
    if (!replace)
        throw Failure(ExitCode::usage, path.string() + " exists already; --force replaces it");
}

std::span<const Verb> copy_verbs() {
    static constexpr Verb verbs[] = {
        {"backup", "copy the node's database to FILE", declare_backup},
        {"export", "write the store to FILE as JSON, an entry per line", declare_export},
        {"import", "store what export has written, or a file of Net::Clacks", declare_import},
    };
    return verbs;
}

}  // namespace clacks::tool
