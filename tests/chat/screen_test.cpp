#include "tests/chat/screen.hpp"

#include <doctest/doctest.h>

#include <stdexcept>

using clacks::test::Screen;

TEST_CASE("screen: shows what an xterm would") {
    struct Row {
        const char* bytes;
        const char* text;
    };
    const Row table[] = {
        {"one\r\ntwo", "one\ntwo"},
        {"12345678", "12345678"},
        {"123456789", "12345678\n9"},
        {"1234567\xE6\x97\xA5", "1234567\n\xE6\x97\xA5"},
        {"a\r\nb\r\nc\r\nd", "b\nc\nd"},
        {"abc\r\x1B[J", ""},
        {"abc\r\nd\r\x1B[1A\x1B[Jx", "x"},
        {"abc\x1B[2Dx", "ax|c"},
        {"abc\b\x1B[K", "ab"},
        {"abc\r\x1B[2P", "|c"},
        {"abc\r\x1B[1@x", "x|abc"},
        {"ab> ", "ab> "},
    };
    for (const auto& row : table) {
        CAPTURE(row.bytes);
        Screen whole(3, 8);
        whole.feed(row.bytes);
        CHECK(whole.text() == row.text);
        Screen cut(3, 8);
        for (const char* byte = row.bytes; *byte; ++byte) cut.feed({byte, 1});
        CHECK(cut.text() == row.text);
    }
}

TEST_CASE("screen: throws at what it does not know") {
    for (const char* bytes : {"\x1B]0;title\a", "\x1B[31m", "\x1B[2J",
                              "\x1B"
                              "c",
                              "\x05", "\x7F"}) {
        CAPTURE(bytes);
        CHECK_THROWS_AS(Screen(3, 8).feed(bytes), std::runtime_error);
    }
}
