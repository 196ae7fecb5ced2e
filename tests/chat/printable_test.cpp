#include "examples/chat/printable.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace std::string_literals;

namespace {

const std::string bad = "\xEF\xBF\xBD";

}  // namespace

TEST_CASE("printable: text stays as it is") {
    for (const std::string text : {"", "hello", "~ !", "h\xC3\xA4llo", "\xE6\x97\xA5\xE6\x9C\xAC",
                                   "\xF0\x9F\x98\x80", "\xC2\xA0", "\xF4\x8F\xBF\xBF"}) {
        CAPTURE(text);
        CHECK(chat::printable(text) == text);
    }
}

TEST_CASE("printable: control characters are shown, not sent to the terminal") {
    CHECK(chat::printable("\x1B[31mred\x1B[0m") == "^[[31mred^[[0m");
    CHECK(chat::printable("a\r\nb\tc\x7F\a\0"s) == "a^M^Jb c^?^G^@");
    CHECK(chat::printable("\xC2\x9B"
                          "31m") == bad + "31m");  // CSI in one character
    for (int c = 0; c < ' '; ++c) {
        const auto shown = chat::printable(std::string(1, static_cast<char>(c)));
        CAPTURE(c);
        for (const char each : shown) CHECK(static_cast<unsigned char>(each) >= ' ');
    }
}

TEST_CASE("printable: what is no UTF-8 is replaced byte by byte, and what follows is kept") {
    for (const std::string broken : {"\x80", "\xBF", "\xC3", "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80",
                                     "\xE0\x9F\xBF", "\xE6\x97", "\xED\xA0\x80", "\xF0\x80\x80\x80",
                                     "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80", "\xFF"}) {
        CAPTURE(broken);
        std::string replaced;
        for (std::size_t i = 0; i < broken.size(); ++i) replaced += bad;
        CHECK(chat::printable(broken) == replaced);
        CHECK(chat::printable(broken + "ok") == replaced + "ok");
        CHECK(chat::printable(broken + "\x1B") == replaced + "^[");
    }
}

TEST_CASE("printable: nothing turns the direction of the text around it or breaks the line") {
    for (const std::string mark :
         {"\xE2\x80\xAE", "\xE2\x80\xA8", "\xE2\x81\xA6", "\xE2\x80\x8F", "\xD8\x9C", "\xC2\x85"}) {
        CAPTURE(mark);
        CHECK(chat::printable("a" + mark + "b") == "a" + bad + "b");
    }
}
