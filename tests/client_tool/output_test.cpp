#include "client/tool/output.hpp"

#include <doctest/doctest.h>

#include <sstream>

#include "client/tool/failure.hpp"

using namespace clacks::tool;

TEST_CASE("output: data goes one way as it is, talk the other with a name in front") {
    std::ostringstream data;
    std::ostringstream talk;
    Output output(data, talk);
    output.bytes(std::string_view("a\0b", 3));
    output.line("c");
    output.say("hello");
    CHECK(data.str() == std::string("a\0bc\n", 5));
    CHECK(talk.str() == "clacks: hello\n");
}

TEST_CASE("output: data that nobody takes is a failure") {
    std::ostringstream talk;
    std::ostream nowhere(nullptr);
    Output output(nowhere, talk);
    CHECK_THROWS_AS(output.line("a"), Failure);
}
