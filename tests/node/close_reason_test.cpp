#include "server/node/close_reason.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

using namespace clacks::node;

namespace {

constexpr auto last_reason = CloseReason::shutting_down;

}  // namespace

TEST_CASE("close reason: each has a word of its own") {
    std::set<std::string> words;
    for (unsigned i = 0; i <= static_cast<unsigned>(last_reason); ++i) {
        const std::string word(to_string(static_cast<CloseReason>(i)));
        CAPTURE(word);
        CHECK(word.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string::npos);
        CHECK(word != "unknown");
        CHECK(words.insert(word).second);
    }
}

TEST_CASE("close reason: last words are whole lines") {
    for (unsigned i = 0; i <= static_cast<unsigned>(last_reason); ++i) {
        const auto reason = static_cast<CloseReason>(i);
        const std::string words(last_words(reason));
        CAPTURE(words);
        CHECK((words.empty() || words.ends_with("\r\n")));
        // QUIT and TIMEOUT never land in the middle of a line that was being sent.
        const bool may_interrupt = words.ends_with("QUIT\r\n") || words.ends_with("TIMEOUT\r\n");
        CHECK(may_interrupt == words.starts_with("\r\n"));
    }
}
