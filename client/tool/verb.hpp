#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <span>
#include <string>

#include "client/tool/context.hpp"

namespace clacks::tool {

/// Does what the command line asked for.
using Run = std::function<ExitCode(Context&)>;

/// For options that would mean "none" when a script's variable is empty: that is a mistake instead.
inline CLI::Validator not_empty() {
    return {[](const std::string& text) { return text.empty() ? "must not be empty" : ""; }, ""};
}

/// A row of the tool's table. `declare` adds the arguments to the verb's part of the command line;
/// what it returns finds them there once that has been parsed.
struct Verb {
    const char* word;
    const char* summary;
    Run (*declare)(CLI::App& verb);
};

std::span<const Verb> signal_verbs();       ///< notify set setandstore
std::span<const Verb> watch_verbs();        ///< listen monitor
std::span<const Verb> store_verbs();        ///< store remove increment decrement expire clear
std::span<const Verb> retrieve_verbs();     ///< retrieve exists ttl keys
std::span<const Verb> node_verbs();         ///< status tree save clients disconnect
std::span<const Verb> copy_verbs();         ///< backup export import
std::span<const Verb> certificate_verbs();  ///< certificate
std::span<const Verb> passwd_verbs();       ///< passwd

}  // namespace clacks::tool
