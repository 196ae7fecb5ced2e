#include "client/tool/duration.hpp"

#include <doctest/doctest.h>

#include "client/tool/failure.hpp"

using clacks::tool::Failure;
using clacks::tool::parse_duration;
using namespace std::chrono_literals;

TEST_CASE("duration: a number and a unit, seconds without one") {
    CHECK(parse_duration("500ms") == 500ms);
    CHECK(parse_duration("1.5s") == 1500ms);
    CHECK(parse_duration("30") == 30s);
    CHECK(parse_duration("5m") == 5min);
    CHECK(parse_duration("1h") == 1h);
    CHECK(parse_duration("7d") == 168h);
    CHECK(parse_duration("0.000001") == 1us);
}

TEST_CASE("duration: anything else is a usage error") {
    for (const char* text : {"", "s", "-1s", "0", "0.0000001", "1 s", "1x", "1e3", "nan", "inf",
                             "1ss", "never", "99999999d"}) {
        CAPTURE(text);
        CHECK_THROWS_WITH_AS(parse_duration(text), doctest::Contains("no span of time"), Failure);
    }
}
