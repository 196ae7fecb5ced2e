#include "examples/chat/room.hpp"

#include <doctest/doctest.h>

#include <string>

using chat::Line;
using Kind = chat::Line::Kind;

TEST_CASE("room: a line travels as one value and comes out as it was") {
    struct Row {
        Line line;
        const char* value;
        const char* text;
    };
    const Row table[] = {
        {{Kind::said, "ann", "hello"}, "ann: hello", "ann: hello"},
        {{Kind::said, "ann", ""}, "ann: ", "ann: "},
        {{Kind::said, "ann", "a: b = c"}, "ann: a: b = c", "ann: a: b = c"},
        {{Kind::said, "ann", "* bob waves"}, "ann: * bob waves", "ann: * bob waves"},
        {{Kind::did, "ann", "waves at bob"}, "* ann waves at bob", "* ann waves at bob"},
        {{Kind::joined, "J\xC3\xBCrgen"}, "+ J\xC3\xBCrgen", "-- J\xC3\xBCrgen joined"},
        {{Kind::left, "ann"}, "- ann", "-- ann left"},
        {{Kind::said, "ann", "\x1B[2J"}, "ann: \x1B[2J", "ann: ^[[2J"},
        {{Kind::did, "ann", "rings\a"}, "* ann rings\a", "* ann rings^G"},
    };
    for (const auto& row : table) {
        CAPTURE(row.value);
        CHECK(chat::to_value(row.line) == row.value);
        CHECK((chat::to_line(row.value) == row.line));
        CHECK(chat::to_text(row.line) == row.text);
    }
}

TEST_CASE("room: what is no line of the chat was said by somebody unknown") {
    for (const std::string value :
         {"", "hello", ": hello", "ann:hello", "two words: hello", "+ two words", "+ ", "-ann",
          "* ann", "*  waves", "\x1B[2J: hello", "+ \x1B[2J", "a=b: hello"}) {
        CAPTURE(value);
        CHECK((chat::to_line(value) == Line{Kind::said, "?", value}));
    }
}

TEST_CASE("room: a name can stand in a signal and cannot be mistaken for something else") {
    for (const char* name : {"a", "ann", "J\xC3\xBCrgen", "x-1_2", "\xE6\x97\xA5\xE6\x9C\xAC",
                             "exactly-thirty-two-bytes-long---"}) {
        CAPTURE(name);
        CHECK(chat::is_name(name));
    }
    for (const char* name : {"", "a b", "a:b", "a=b", "+a", "-a", "*a", "/a", "?", "a\n", "\x1B",
                             "\xC3", "exactly-thirty-three-bytes-long--"}) {
        CAPTURE(name);
        CHECK_FALSE(chat::is_name(name));
    }
}

TEST_CASE("room: each room has signals and keys of its own") {
    const chat::Room room("lobby");
    CHECK(room.lines() == "chat::lobby");
    CHECK(room.who() == "chat::lobby::who");
    CHECK(room.here("ann") == "chat::lobby::here::ann");
    CHECK(room.count() == "chat::lobby::count");
    CHECK(room.fresh_count() == "chat::lobby::count::fresh");
}
