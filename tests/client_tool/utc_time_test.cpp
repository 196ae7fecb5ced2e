#include "client/tool/utc_time.hpp"

#include <doctest/doctest.h>

using clacks::WallTime;
using clacks::tool::format_utc;
using clacks::tool::parse_utc;
using std::chrono::microseconds;

TEST_CASE("utc time: what is written is read again") {
    struct Row {
        long long time;
        const char* text;
    };
    for (const Row& row : {Row{0, "1970-01-01T00:00:00.000000Z"},
                           {1'795'204'433'332'553, "2026-11-20T19:53:53.332553Z"},
                           {951'782'399'999'999, "2000-02-28T23:59:59.999999Z"},
                           {951'782'400'000'000, "2000-02-29T00:00:00.000000Z"},
                           {253'402'300'799'999'999, "9999-12-31T23:59:59.999999Z"}}) {
        CAPTURE(row.text);
        CHECK(format_utc(WallTime(microseconds(row.time))) == row.text);
        CHECK(parse_utc(row.text) == WallTime(microseconds(row.time)));
    }
}

TEST_CASE("utc time: the fraction may have any number of digits, or be missing") {
    for (const char* text :
         {"1970-01-01T00:00:01.5Z", "1970-01-01T00:00:01.500Z", "1970-01-01T00:00:01.500000999Z"})
        CHECK(parse_utc(text) == WallTime(microseconds(1'500'000)));
    CHECK(parse_utc("1970-01-01T00:00:01Z") == WallTime(microseconds(1'000'000)));
}

TEST_CASE("utc time: everything else is none") {
    for (const char* text :
         {"", "Z", "1", "2026-11-20", "2026-11-20T19:53:53", "2026-11-20 19:53:53Z",
          "2026-11-20T19:53:53+01:00", "2026-11-20T19:53:53.Z", "2026-11-20T19:53:53.x1Z",
          "2026-11-20T19:53:53ZZ", "2026-11-20T19:53Z", "2026-02-29T00:00:00Z",
          "2026-13-01T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z",
          "1969-12-31T23:59:59Z", "-026-11-20T19:53:53Z", "20260-11-20T19:53:53Z"}) {
        CAPTURE(text);
        CHECK(parse_utc(text) == std::nullopt);
    }
}
