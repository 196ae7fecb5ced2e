#include "protocol/value_encoding.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace clacks::protocol;
using namespace std::literals;

TEST_CASE("value encoding: what a line holds goes as it is") {
    for (const std::string_view value :
         {""sv, "21.5"sv, " leading and trailing "sv, "a=b=c"sv, "Grüße ✓"sv, "\t\x01\x7f"sv,
          "not at the start: PAGECAMELCLACKSB64:"sv, "PAGECAMELCLACKS"sv,
          "pagecamelclacksb64:Zg=="sv}) {
        CAPTURE(value);
        CHECK(encode_value(value) == value);
        CHECK(decode_value(value) == value);
    }
}

TEST_CASE("value encoding: line breaks, NUL and what looks encoded become Base64") {
    struct Row {
        std::string_view value, text;
    };
    for (const Row& row :
         {Row{"a\nb", "PAGECAMELCLACKSB64:YQpi"},
          {"\r\n", "PAGECAMELCLACKSB64:DQo="},
          {"a\rb", "PAGECAMELCLACKSB64:YQ1i"},
          {"a\0b"sv, "PAGECAMELCLACKSB64:YQBi"},
          {"PAGECAMELCLACKSB64:YQ==", "PAGECAMELCLACKSB64:UEFHRUNBTUVMQ0xBQ0tTQjY0OllRPT0="},
          {"PAGECAMELCLACKSB64", "PAGECAMELCLACKSB64:UEFHRUNBTUVMQ0xBQ0tTQjY0"},
          {"PAGECAMELCLACKSYAMLB64: ", "PAGECAMELCLACKSB64:UEFHRUNBTUVMQ0xBQ0tTWUFNTEI2NDog"}}) {
        CAPTURE(row.value);
        CHECK(encode_value(row.value) == row.text);
        CHECK(decode_value(row.text) == row.value);
    }
}

TEST_CASE("value encoding: the YAML form gives the YAML, with and without the blank") {
    const std::string yaml = "--- \nanswer: 42\n";
    CHECK(decode_value("PAGECAMELCLACKSYAMLB64:LS0tIAphbnN3ZXI6IDQyCg==") == yaml);
    CHECK(decode_value("PAGECAMELCLACKSYAMLB64: LS0tIAphbnN3ZXI6IDQyCg==") == yaml);
    CHECK(encode_yaml(yaml) == "PAGECAMELCLACKSYAMLB64:LS0tIAphbnN3ZXI6IDQyCg==");
    CHECK(decode_yaml(encode_yaml(yaml)) == yaml);
    CHECK(decode_yaml("PAGECAMELCLACKSYAMLB64: LS0tIAphbnN3ZXI6IDQyCg==") == yaml);
    for (const char* other : {"", "a", "PAGECAMELCLACKSB64:YQ==", "PAGECAMELCLACKSYAMLB64:{}"})
        CHECK(decode_yaml(other) == std::nullopt);
}

TEST_CASE("value encoding: a prefix with no Base64 behind it is a value like any other") {
    for (const std::string_view text : {"PAGECAMELCLACKSB64:no Base64!", "PAGECAMELCLACKSB64:Z",
                                        "PAGECAMELCLACKSYAMLB64:{}", "PAGECAMELCLACKSB64"}) {
        CAPTURE(text);
        CHECK(decode_value(text) == text);
    }
}

TEST_CASE("value encoding: any value comes back, and what goes out fits a line") {
    std::mt19937 random(2);
    const std::string_view beginnings[] = {"", "PAGECAMELCLACKSB64", "PAGECAMELCLACKSB64:",
                                           "PAGECAMELCLACKSYAMLB64:", "PAGECAMELCLACKSYAMLB64: "};
    for (int round = 0; round < 2000; ++round) {
        std::string value(beginnings[random() % std::size(beginnings)]);
        for (auto length = random() % 8; length > 0; --length)
            value += "Zm9v=\n\r\0 "[random() % 9];
        CAPTURE(value);
        const std::string text = encode_value(value);
        CHECK(text.find_first_of("\r\n\0"sv) == std::string::npos);
        CHECK(decode_value(text) == value);
    }
}

TEST_CASE("value encoding: a key loses its blanks and equals signs") {
    CHECK(encode_key("sensor::1") == "sensor::1");
    CHECK(encode_key("a b=c") == "a___b___c");
    CHECK(encode_key("  =") == "_________");
    CHECK(encode_key("") == "");
}
