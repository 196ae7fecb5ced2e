#include "protocol/login_delay.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace std::chrono_literals;
using clacks::protocol::format_login_delay;
using clacks::protocol::parse_login_delay;

TEST_CASE("login delay: what one node says another understands") {
    CHECK(format_login_delay(4s, "why") == "login_delayed seconds=4 (why)");
    CHECK(format_login_delay(0s, "why") == "login_delayed seconds=1 (why)");
    for (const auto wait : {1s, 4s, 600s}) {
        CHECK(parse_login_delay(format_login_delay(wait, "why")) == wait);
    }
}

TEST_CASE("login delay: an absurd number is brought down to ten minutes, none is a second") {
    for (const std::string text : {"601", "99999999999", "18446744073709551616", "9e9"}) {
        CAPTURE(text);
        const auto wait = parse_login_delay("login_delayed seconds=" + text);
        CHECK(wait == (text == "9e9" ? 9s : 600s));
    }
    for (const std::string rest :
         {"", " (why)", " seconds=", " seconds=-5", " seconds=x", " seconds=0 (why)"}) {
        CAPTURE(rest);
        CHECK(parse_login_delay("login_delayed" + rest) == 1s);
    }
}

TEST_CASE("login delay: other errors ask for none") {
    for (const std::string value :
         {"", "login", "login_delayedly seconds=4", "permission_denied", " login_delayed seconds=4",
          "too_many_connections limit=2 (limits.connections)"}) {
        CAPTURE(value);
        CHECK_FALSE(parse_login_delay(value));
    }
}
