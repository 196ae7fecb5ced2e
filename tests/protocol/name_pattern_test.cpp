#include "protocol/name_pattern.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace clacks::protocol;

TEST_CASE("pattern: '*' is exactly one level, '**' one or more at the end, the rest itself") {
    struct Row {
        std::string pattern;
        std::string name;
        bool matches;
    };
    for (const Row& row : {
             Row{"a", "a", true},
             Row{"a", "b", false},
             Row{"a", "a::b", false},
             Row{"a::b", "a", false},
             Row{"*", "a", true},
             Row{"*", "a::b", false},
             Row{"**", "a", true},
             Row{"**", "a::b::c", true},
             Row{"a::*", "a::b", true},
             Row{"a::*", "a", false},
             Row{"a::*", "a::b::c", false},
             Row{"a::**", "a", false},
             Row{"a::**", "a::b", true},
             Row{"a::**", "a::b::c", true},
             Row{"a::**", "ab::c", false},
             Row{"a::*::c", "a::b::c", true},
             Row{"a::*::c", "a::b::d", false},
             Row{"*::**", "a", false},
             Row{"*::**", "a::b::c", true},
         }) {
        CAPTURE(row.pattern);
        CAPTURE(row.name);
        CHECK(NamePattern::make(row.pattern)->matches(row.name) == row.matches);
    }
}

TEST_CASE("pattern: within a level a star stands for any characters of that level") {
    struct Row {
        std::string pattern;
        std::string name;
        bool matches;
    };
    for (const Row& row : {
             Row{"user:*", "user:1", true},
             Row{"user:*", "user:", true},
             Row{"user:*", "use", false},
             Row{"user:*", "user:1::x", false},
             Row{"*:1", "user:1", true},
             Row{"*a*b*", "xxaxxbxx", true},
             Row{"*a*b*", "xxbxxaxx", false},
             Row{"a::x*::c", "a::xyz::c", true},
             Row{"a::x*::c", "a::yz::c", false},
             Row{"ab*ba", "aba", false},
             Row{"ab*ba", "abba", true},
             Row{"a*b*c", "abbbc", true},
             Row{"a*bc*c", "abc", false},
             Row{"a***b", "axxb", true},
             Row{"a::***", "a::b", true},
             Row{"a::***", "a::b::c", false},
         }) {
        CAPTURE(row.pattern);
        CAPTURE(row.name);
        CHECK(NamePattern::make(row.pattern)->matches(row.name) == row.matches);
    }
}

TEST_CASE("pattern: many stars do not make matching slow") {
    std::string pattern;
    for (int i = 0; i < 300; ++i) pattern += "*a";
    const std::string name(1000, 'a');
    CHECK_FALSE(
        NamePattern::make(pattern + "b")->matches(name));  // would not end if it backtracked
}

TEST_CASE("pattern: '**' before the last level is malformed") {
    for (const std::string pattern : {"**::a", "a::**::b"}) {
        CAPTURE(pattern);
        CHECK_FALSE(NamePattern::make(pattern).has_value());
    }
}

TEST_CASE("pattern: several stars in a row are one, but for '**' as a level") {
    CHECK(NamePattern::make("a***b::***::**")->text() == "a*b::*::**");
    CHECK(NamePattern::make(std::string(1U << 20U, '*'))->text() == "*");
}

TEST_CASE("pattern: each star but the last '**' counts for what is too complex") {
    for (const std::string pattern : {"a", "*::*::*::*::**", "*a*b*c*", "a****b*"}) {
        CAPTURE(pattern);
        CHECK_FALSE(NamePattern::make(pattern)->is_too_complex());
    }
    for (const std::string pattern : {"*::*::*::*::*", "*a*b*c*d*", "*a*b::*c*d::*"}) {
        CAPTURE(pattern);
        CHECK(NamePattern::make(pattern)->is_too_complex());
    }
    std::string levels = "a";
    for (int i = 1; i < 16; ++i) levels += "::a";
    CHECK_FALSE(NamePattern::make(levels)->is_too_complex());
    CHECK(NamePattern::make(levels + "::**")->is_too_complex());
}

TEST_CASE("pattern: LISTEN takes as a pattern only what has a level of stars") {
    for (const std::string name : {"*", "**", "a::*", "a::**", "*::b"}) {
        CAPTURE(name);
        CHECK(is_listen_pattern(name));
    }
    for (const std::string name : {"a", "a*", "a::b*", "**::a", "***", "a::***"}) {
        CAPTURE(name);
        CHECK_FALSE(is_listen_pattern(name));
    }
}

TEST_CASE("pattern: what LISTEN would match slowly is too complex") {
    CHECK_FALSE(is_listen_pattern_too_complex("*::*::*::*"));
    CHECK(is_listen_pattern_too_complex("*::*::*::*::*"));
    std::string levels = "a";
    for (int i = 1; i < 16; ++i) levels += "::a";
    CHECK_FALSE(is_listen_pattern_too_complex(levels));
    CHECK(is_listen_pattern_too_complex(levels + "::**"));
}
