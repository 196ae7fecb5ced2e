#include "tests/protocol_document/dialogue.hpp"

#include <doctest/doctest.h>

using namespace clacks::protocol_document;

namespace {

using Lines = std::vector<std::string>;

/// The texts of what is sent and received, a line each.
std::string speeches(const Dialogue& dialogue) {
    std::string texts;
    for (const Step& step : dialogue.steps) {
        texts += step.actor;
        texts += step.kind == Step::Kind::send ? ">" : "<";
        texts += step.text + "\n";
    }
    return texts;
}

}  // namespace

TEST_CASE("dialogue: a block ends where the indentation does") {
    const auto found =
        dialogues({"prose", "    A> PING", "    B< NOP", "", "    A> QUIT", "prose"});
    CHECK(found.not_understood.empty());
    REQUIRE(found.all.size() == 2);
    CHECK(speeches(found.all[0]) == "A>PING\nB<NOP\n");
    CHECK(found.all[0].line() == 2);
    CHECK(speeches(found.all[1]) == "A>QUIT\n");
    CHECK(found.all[1].line() == 5);
}

TEST_CASE("dialogue: a backslash joins a line with the next one") {
    const auto found = dialogues({"    A< one;\\", "       two; \\", "       three", "    A> x"});
    REQUIRE(found.all.size() == 1);
    CHECK(speeches(found.all[0]) == "A<one;two; three\nA>x\n");
    CHECK(found.all[0].steps[1].line == 4);
}

TEST_CASE("dialogue: blanks belong to the line, and an empty line has words for it") {
    const auto found = dialogues({"    A>  x ", "    A< (empty line)"});
    REQUIRE(found.all.size() == 1);
    CHECK(speeches(found.all[0]) == "A> x \nA<\n");
}

TEST_CASE("dialogue: what is not said in the agreed words is not understood") {
    for (const std::string line : {"# X explodes", "# x connects", "# 60 minutes pass", "# s pass",
                                   "# the node stops in a while", "A>PING", "A>", "and so on"}) {
        CAPTURE(line);
        const auto found = dialogues({"    A> PING", "    " + line});
        CHECK(found.not_understood == Lines{"2: " + line});
    }
}

TEST_CASE("dialogue: other indented text is none") {
    const auto found = dialogues({"      PAGECAMELCLACKSB64:<Base64>", "", "  A> too far left"});
    CHECK(found.all.empty());
    CHECK(found.not_understood.empty());
}
