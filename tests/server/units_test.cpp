#include "server/units.hpp"

#include <doctest/doctest.h>

using namespace clacks::server;
using namespace std::chrono_literals;
using std::chrono::hours;

TEST_CASE("units: a duration is a number with its unit") {
    const std::pair<std::string_view, std::optional<microseconds>> rows[] = {
        {"500ms", 500ms},
        {"1.5s", 1500ms},
        {"10s", 10s},
        {"5m", 5min},
        {"1h", 1h},
        {"7d", 168h},
        {"0s", 0ms},
        {"100us", 100us},
        {"0.5ms", 500us},
        {"0.25m", 15s},
        {"1.50s", 1500ms},
        {"1.000000000000000000000000s", 1s},
        {"106751990d", hours(24) * 106751990},
        {"", {}},
        {"s", {}},
        {"5", {}},
        {"5 s", {}},
        {" 5s", {}},
        {"5s ", {}},
        {"-5s", {}},
        {"+5s", {}},
        {"5S", {}},
        {"5sec", {}},
        {"1.s", {}},
        {".5s", {}},
        {"1.2.3s", {}},
        {"1,5s", {}},
        {"1e3s", {}},
        {"0.5us", {}},
        {"1.0000001s", {}},
        {"0.0000000000000000000000001s", {}},
        {"106751992d", {}},
        {"99999999999999999999999s", {}},
    };
    for (const auto& [text, expected] : rows) {
        CAPTURE(text);
        CHECK(parse_duration(text) == expected);
    }
}

TEST_CASE("units: a size is a number of bytes or has a binary unit") {
    const std::pair<std::string_view, std::optional<std::size_t>> rows[] = {
        {"0", 0},
        {"1500", 1500},
        {"64KiB", 65536},
        {"16MiB", 16777216},
        {"1GiB", 1073741824},
        {"18446744073709551615", 18446744073709551615U},
        {"17179869183GiB", 17179869183U << 30U},
        {"", {}},
        {"KiB", {}},
        {"64 KiB", {}},
        {"64kib", {}},
        {"64KB", {}},
        {"64k", {}},
        {"1.5MiB", {}},
        {"-1", {}},
        {"0x10", {}},
        {"18446744073709551616", {}},
        {"17179869184GiB", {}},
    };
    for (const auto& [text, expected] : rows) {
        CAPTURE(text);
        CHECK(parse_size(text) == expected);
    }
}

TEST_CASE("units: what is written is the shortest text that is read as the same") {
    const std::pair<microseconds, std::string_view> durations[] = {
        {0us, "0us"}, {100us, "100us"}, {1ms, "1ms"}, {1500ms, "1500ms"},
        {90s, "90s"}, {60s, "1m"},      {48h, "2d"},
    };
    for (const auto& [duration, text] : durations) {
        CHECK(format_duration(duration) == text);
        CHECK(parse_duration(text) == duration);
    }
    const std::pair<std::size_t, std::string_view> sizes[] = {
        {0, "0"}, {1000, "1000"}, {1024, "1KiB"}, {16U << 20U, "16MiB"}, {3U << 30U, "3GiB"},
    };
    for (const auto& [size, text] : sizes) {
        CHECK(format_size(size) == text);
        CHECK(parse_size(text) == size);
    }
}
