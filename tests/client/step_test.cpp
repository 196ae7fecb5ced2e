#include <doctest/doctest.h>

#include <cstdint>
#include <limits>

#include "clacks/step.hpp"

using clacks::Step;

TEST_CASE("step: numbers of all types as decimal text") {
    CHECK(Step().text() == "1");
    CHECK(Step(5).text() == "5");
    CHECK(Step(-5L).text() == "-5");
    CHECK(Step(std::numeric_limits<std::uint64_t>::max()).text() == "18446744073709551615");
    CHECK(Step(1.25).text() == "1.25");
    CHECK(Step(0.1).text() == "0.1");
    CHECK(Step(-1e300).text() == "-1e+300");
    CHECK(Step(std::string("007")).text() == "007");
}
