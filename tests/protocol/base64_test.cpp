#include "protocol/base64.hpp"

#include <doctest/doctest.h>

#include <random>

#include "protocol/error.hpp"

using namespace clacks::protocol;

TEST_CASE("base64: the vectors of RFC 4648, both ways") {
    struct Row {
        std::string_view bytes, text;
    };
    for (const Row& row : {Row{"", ""},
                           {"f", "Zg=="},
                           {"fo", "Zm8="},
                           {"foo", "Zm9v"},
                           {"foob", "Zm9vYg=="},
                           {"fooba", "Zm9vYmE="},
                           {"foobar", "Zm9vYmFy"},
                           {"\xfb\xff\xbf", "+/+/"},
                           {{"\0\0\0", 3}, "AAAA"}}) {
        CAPTURE(row.text);
        CHECK(base64_encode(row.bytes) == row.text);
        CHECK(base64_decode(row.text).value() == row.bytes);
    }
}

TEST_CASE("base64: padding may be missing, blanks and line breaks are skipped") {
    struct Row {
        std::string_view text, bytes;
    };
    for (const Row& row : {Row{"Zg", "f"},
                           {"Zm8", "fo"},
                           {"Zm9vYg", "foob"},
                           {" Zm9v\r\nYmFy\n", "foobar"},
                           {"Z\tg = =", "f"},
                           {" ", ""}}) {
        CAPTURE(row.text);
        CHECK(base64_decode(row.text).value() == row.bytes);
    }
}

TEST_CASE("base64: what no encoder makes is malformed") {
    for (const std::string_view text :
         {"Z", "Zm9vY", "Zg=", "Zg===", "Zm8==", "Zm9v=", "Zm9v====", "=",
          "====", "==", "Zg==Zg==", "Z=g=", "Zm-v", "Zm_v", "Zm:v", "Zm9v\x80", "Zm9v,"}) {
        CAPTURE(text);
        CHECK(base64_decode(text).error() == ParseError::malformed);
    }
    CHECK(base64_decode(std::string_view("Zg\0=", 4)).error() == ParseError::malformed);
}

TEST_CASE("base64: any bytes come back") {
    std::mt19937 random(1);
    for (std::size_t length = 0; length < 200; ++length) {
        std::string bytes(length, '\0');
        for (char& c : bytes) c = static_cast<char>(random());
        CAPTURE(length);
        CHECK(base64_decode(base64_encode(bytes)).value() == bytes);
    }
}
