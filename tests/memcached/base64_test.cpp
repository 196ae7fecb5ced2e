#include "memcached/base64.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace clacks::memcached;

TEST_CASE("memcached base64: keys come out as they were put in") {
    KeyBuffer buffer;
    CHECK(decode_base64("YQ==", buffer) == "a");
    CHECK(decode_base64("YWI=", buffer) == "ab");
    CHECK(decode_base64("YWJj", buffer) == "abc");
    CHECK(decode_base64("+/+/", buffer) == "\xfb\xff\xbf");
    CHECK(decode_base64("YR==", buffer) == "a");
    CHECK(decode_base64(std::string(248, 'A'), buffer) == std::string(186, '\0'));
}

TEST_CASE("memcached base64: what is none is refused") {
    KeyBuffer buffer;
    for (const std::string text :
         {"", "YQ", "YQ=", "=", "====", "YQ==YQ==", "Y Q=", "YQ!=", "Y===", "\xff\xff\xff\xff"}) {
        CAPTURE(text);
        CHECK_FALSE(decode_base64(text, buffer));
    }
    CHECK_FALSE(decode_base64(std::string(252, 'A'), buffer));
}
