// The sections "Last words" and "Errors" of protocol.txt beside the code they are about.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>

#include "server/node/close_reason.hpp"
#include "tests/protocol_document/document.hpp"

using namespace clacks::protocol_document;
using clacks::node::CloseReason;

namespace {

/// Whether a line of the section has this word in its first column, alone or in a list.
bool explains(const Section& section, const std::string& word) {
    return std::any_of(section.lines.begin(), section.lines.end(), [&](const std::string& line) {
        return line.starts_with("  " + word + ' ') || line.starts_with("  " + word + ',') ||
               line.find(", " + word + ' ') != std::string::npos;
    });
}

std::string code_in(std::string_view words) {
    constexpr std::string_view error = "OVERHEAD E ";
    const auto at = words.find(error);
    if (at == words.npos) return "";
    const auto code = words.substr(at + error.size());
    return std::string(code.substr(0, code.find(' ')));
}

}  // namespace

TEST_CASE("protocol document: every reason for a close has its last words, every code its text") {
    std::set<std::string> reasons;
    for (int i = 0; i <= static_cast<int>(CloseReason::shutting_down); ++i) {
        const auto reason = static_cast<CloseReason>(i);
        const std::string word(to_string(reason));
        CAPTURE(word);
        reasons.insert(word);
        CHECK(explains(section("Last words"), word));
        const std::string code = code_in(last_words(reason));
        if (!code.empty()) CHECK(explains(section("Errors"), code));
    }
    CHECK(reasons.size() == static_cast<std::size_t>(CloseReason::shutting_down) + 1);
}

TEST_CASE("protocol document: every code that a node answers with is among the errors") {
    for (const std::string code :
         {"unknown_command", "permission_denied", "line_too_long", "name_too_long",
          "too_many_listens", "pattern_too_complex", "too_many_names", "store_full",
          "entry_too_large", "tls_required", "too_many_connections", "too_many_unauthenticated"}) {
        CAPTURE(code);
        CHECK(explains(section("Errors"), code));
    }
}
