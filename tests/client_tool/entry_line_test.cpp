#include "client/tool/entry_line.hpp"

#include <doctest/doctest.h>

using clacks::WallTime;
using clacks::tool::CarriedEntry;
using clacks::tool::format_entry;
using clacks::tool::parse_entry;

TEST_CASE("entry line: what is written is read again") {
    const WallTime some_time{std::chrono::microseconds(1'795'204'433'332'553)};
    struct Row {
        CarriedEntry entry;
        const char* line;
    };
    for (const Row& row : {
             Row{{"a::b", "21.5"}, R"({"key":"a::b","value":"21.5"})"},
             {{"a", ""}, R"({"key":"a","value":""})"},
             {{"\"\\", "\t\x01 \xc3\xa4"},
              "{\"key\":\"\\\"\\\\\",\"value\":\"\\t\\u0001 \xc3\xa4\"}"},
             {{"a", "\xff"}, R"({"key":"a","value_base64":"/w=="})"},
             {{"\xff", "1"}, R"({"key_base64":"/w==","value":"1"})"},
             {{"a", "PAGECAMELCLACKSB64:YQpi"}, R"({"key":"a","value":"a\nb"})"},
             {{"a", "PAGECAMELCLACKSB64:/wo="}, R"({"key":"a","value_base64":"/wo="})"},
             {{"a", "PAGECAMELCLACKSYAMLB64:eDogMQo="}, R"({"key":"a","yaml":"x: 1\n"})"},
             {{"a", "PAGECAMELCLACKSYAMLB64:/w=="}, R"({"key":"a","yaml_base64":"/w=="})"},
             {{"a", "1", some_time},
              R"({"key":"a","value":"1","expires":"2026-11-20T19:53:53.332553Z"})"},
             {{"a", "1", {}, 7}, R"({"key":"a","value":"1","flags":"7"})"},
             {{"a", "1", some_time, 4294967295},
              R"({"key":"a","value":"1","expires":"2026-11-20T19:53:53.332553Z",)"
              R"("flags":"4294967295"})"},
         }) {
        CAPTURE(row.line);
        CHECK(format_entry(row.entry) == row.line);
        const auto entry = parse_entry(row.line);
        REQUIRE(entry.has_value());
        CHECK(*entry == row.entry);
    }
}

TEST_CASE("entry line: what is written by hand is read, too") {
    const auto entry = parse_entry(R"( { "value" : "\u00e4", "key" : "a" } )");
    REQUIRE(entry.has_value());
    CHECK(*entry == CarriedEntry{"a", "\xc3\xa4"});
    CHECK(*parse_entry(R"({"key":"a","value":"1","flags":7})") == CarriedEntry{"a", "1", {}, 7});
    CHECK(parse_entry(R"({"key":"a","value":"1","flags":7.5})").has_error());
}

TEST_CASE("entry line: what is wrong is named") {
    struct Row {
        const char* line;
        const char* why;
    };
    for (const Row& row : {
             Row{"{", "it is no JSON: incomplete JSON"},
             {"nonsense", "it is no JSON: syntax error"},
             {"{\"key\":\"a\",\"value\":\"\xff\"}", "it is no JSON: syntax error"},
             {"{\"key\":\"a\",\"value\":\"1\"} x", "it is no JSON: extra data"},
             {"[]", "it is no JSON object"},
             {"{}", "it has no key"},
             {R"({"key":"a"})", "it has no value"},
             {R"({"key":"a","value":1})", "'value' is no string"},
             {R"({"key":"a","value":null})", "'value' is no string"},
             {R"({"key":"a","value":"1","yaml":"x"})", "it has more than one value"},
             {R"({"key":"a","key_base64":"YQ==","value":"1"})", "it has more than one key"},
             {R"({"key":"a","value_base64":"?"})", "value_base64 is no Base64"},
             {R"({"key":"a","value":"1","expires":"tomorrow"})",
              "expires is no time in UTC like 2026-11-20T18:22:03.123456Z"},
             {R"({"key":"a","value":"1","flags":"4294967296"})", "flags is no number below 2^32"},
             {R"({"key":"a","value":"1","flags":"-1"})", "flags is no number below 2^32"},
             {R"({"key":"a","value":"1","flag":"1"})",
              "there is no member 'flag' (allowed: key, value, yaml, each also with _base64, "
              "expires and flags)"},
         }) {
        CAPTURE(row.line);
        const auto entry = parse_entry(row.line);
        REQUIRE(entry.has_error());
        CHECK(entry.error().why == row.why);
    }
}
