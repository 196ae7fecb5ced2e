#include <unistd.h>

#include <iostream>
#include <string>

#include "client/password.hpp"
#include "client/tool/ask_password.hpp"
#include "client/tool/text.hpp"
#include "client/tool/verb.hpp"

namespace clacks::tool {
namespace {

constexpr const char* passwd_footer =
    "Prints the hash of a password, to stand in clacksd's configuration instead of it:\n"
    "    users:\n"
    "      - {name: sensor, password: \"scrypt:...\"}\n\n"
    "On a terminal it asks for the password twice, unseen; else it reads one line of standard\n"
    "input. The first user of a node needs its password in plain text: it logs in with it.";

std::string read_line(std::istream& input) {
    std::string password;
    std::getline(input, password);
    if (password.ends_with('\r')) password.pop_back();
    if (password.empty()) throw Failure(ExitCode::usage, "no password in standard input");
    return password;
}

Run declare_passwd(CLI::App& verb) {
    verb.footer(passwd_footer);
    return [](Context& context) {
        const bool on_terminal = &context.input() == &std::cin && ::isatty(STDIN_FILENO) == 1;
        const std::string hash =
            hash_password(on_terminal ? ask_new_password() : read_line(context.input()));
        context.output().line(context.output().json() ? json_line({{"hash", hash}}) : hash);
        return ExitCode::done;
    };
}

}  // namespace

std::span<const Verb> passwd_verbs() {
    static constexpr Verb verbs[] = {
        {"passwd", "hash a password for clacksd's configuration", declare_passwd},
    };
    return verbs;
}

}  // namespace clacks::tool
