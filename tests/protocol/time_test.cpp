#include "protocol/time.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <random>

#include "protocol/error.hpp"

using namespace clacks;
using protocol::format_time;
using protocol::parse_time;

namespace {

WallTime at(std::int64_t microseconds) { return WallTime(std::chrono::microseconds(microseconds)); }

std::string text_of(WallTime time) {
    std::string text;
    format_time(time, text);
    return text;
}

constexpr std::int64_t last_microsecond = 253'402'300'799'999'999;

}  // namespace

TEST_CASE("time: decimal epoch seconds are read to the microsecond") {
    struct Row {
        std::string_view text;
        std::int64_t microseconds;
    };
    for (const Row& row : {Row{"0", 0},
                           {"1", 1'000'000},
                           {"1795170629.14924", 1'795'170'629'149'240},
                           {"1795170629.1492", 1'795'170'629'149'200},
                           {"0.000001", 1},
                           {"0.0000019", 1},  // cut, not rounded
                           {"1.99999999999999999999", 1'999'999},
                           {"1700000000.123456789", 1'700'000'000'123'456},
                           {"0001.500", 1'500'000},
                           {"000000000000000000000000000001", 1'000'000},
                           {"253402300799.999999", last_microsecond},
                           {"253402300799.9999999", last_microsecond}}) {
        CAPTURE(row.text);
        CHECK(parse_time(row.text).value() == at(row.microseconds));
    }
}

TEST_CASE("time: what is no plain decimal number is malformed") {
    for (const std::string_view text :
         {"",    ".",    "1.",         ".5",  "-1",  "-0",           "+1",
          " 1",  "1 ",   "1.2.3",      "1e9", "1,5", "0x10",         "abc",
          "1.a", "1.5x", "1.0000000x", "inf", "nan", "253402300800", "9999999999999999999999999"}) {
        CAPTURE(text);
        CHECK(parse_time(text).error() == protocol::ParseError::malformed);
    }
}

TEST_CASE("time: six decimals are written, and 1970 is a bare zero") {
    struct Row {
        std::int64_t microseconds;
        std::string_view text;
    };
    for (const Row& row : {Row{0, "0"},
                           {1, "0.000001"},
                           {999'999, "0.999999"},
                           {1'000'000, "1.000000"},
                           {1'795'170'629'149'240, "1795170629.149240"},
                           {last_microsecond, "253402300799.999999"},
                           {last_microsecond + 1, "253402300799.999999"},
                           {std::numeric_limits<std::int64_t>::max(), "253402300799.999999"},
                           {-1, "0"},
                           {std::numeric_limits<std::int64_t>::min(), "0"}}) {
        CAPTURE(row.microseconds);
        CHECK(text_of(at(row.microseconds)) == row.text);
    }
}

TEST_CASE("time: format appends") {
    std::string out = "OVERHEAD T ";
    format_time(at(1'500'000), out);
    CHECK(out == "OVERHEAD T 1.500000");
}

TEST_CASE("time: every microsecond comes back exactly") {
    std::mt19937_64 random(3);
    std::uniform_int_distribution<std::int64_t> any(0, last_microsecond);
    for (int round = 0; round < 10'000; ++round) {
        const WallTime time = at(any(random) >> (random() % 56));
        CAPTURE(time.time_since_epoch().count());
        CHECK(parse_time(text_of(time)).value() == time);
    }
}
