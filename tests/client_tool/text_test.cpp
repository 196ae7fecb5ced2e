#include "client/tool/text.hpp"

#include <doctest/doctest.h>

using namespace clacks::tool;
using namespace std::string_literals;

TEST_CASE("text: what breaks a line or steers a terminal is escaped, all else is left alone") {
    CHECK(escape("plain text = \xc3\xa4 \xff") == "plain text = \xc3\xa4 \xff");
    CHECK(escape("a\nb\r\tc\\") == "a\\nb\\r\\tc\\\\");
    CHECK(escape("\x1b[31m\x7f\0"s) == "\\x1b[31m\\x7f\\x00");
}

TEST_CASE("text: the first '=' of a signal's line ends its name") {
    CHECK(signal_line("a::b", "1=2") == "a::b=1=2");
    CHECK(signal_line("a", "") == "a=");
    CHECK(signal_line("a", std::nullopt) == "a");
    CHECK(signal_line("odd=name", std::nullopt) == "odd\\x3dname");
}

TEST_CASE("json: one object on one line, fields in order, null for none") {
    CHECK(json_line({{"verb", "SET"}, {"name", "a"}, {"value", "x\ny\"\\\x01"}}) ==
          R"({"verb":"SET","name":"a","value":"x\ny\"\\\u0001"})");
    CHECK(json_line({{"name", "a"}, {"value", std::nullopt}}) == R"({"name":"a","value":null})");
    CHECK(json_line({{"value", "\xc3\xa4"}}) == "{\"value\":\"\xc3\xa4\"}");
}

TEST_CASE("json: bytes that are no text are given in Base64") {
    CHECK(json_line({{"name", "a"}, {"value", "\xff\xfe"}}) ==
          R"({"name":"a","value_base64":"//4="})");
}

TEST_CASE("utf-8: only well-formed sequences count") {
    for (const auto& good :
         {""s, "abc"s, "\0"s, "\xc2\x80"s, "\xdf\xbf"s, "\xe0\xa0\x80"s, "\xed\x9f\xbf"s,
          "\xee\x80\x80"s, "\xf0\x90\x80\x80"s, "\xf4\x8f\xbf\xbf"s, "\xe2\x82\xac!"s}) {
        CAPTURE(good);
        CHECK(is_utf8(good));
    }
    for (const auto& bad : {"\x80"s, "\xc0\xaf"s, "\xc1\xbf"s, "\xc2"s, "\xc2x"s, "\xe0\x9f\xbf"s,
                            "\xed\xa0\x80"s, "\xe2\x82"s, "\xe2\x82x"s, "\xf0\x8f\xbf\xbf"s,
                            "\xf4\x90\x80\x80"s, "\xf5\x80\x80\x80"s, "ok\xff"s}) {
        CAPTURE(bad);
        CHECK_FALSE(is_utf8(bad));
    }
}
