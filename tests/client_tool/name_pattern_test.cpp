#include "client/tool/name_pattern.hpp"

#include <doctest/doctest.h>

#include "client/tool/failure.hpp"

using namespace clacks::tool;

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
             Row{"*", "", true},
             Row{"**", "a", true},
             Row{"**", "a::b::c", true},
             Row{"a::*", "a::b", true},
             Row{"a::*", "a", false},
             Row{"a::*", "a::b::c", false},
             Row{"a::**", "a", false},
             Row{"a::**", "a::b", true},
             Row{"a::**", "a::b::c", true},
             Row{"a::**", "ab::c", false},
             Row{"*::b", "a::b", true},
             Row{"*::b", "a::c", false},
             Row{"a::*::c", "a::b::c", true},
             Row{"a::*::c", "a::b::d", false},
             Row{"a:b", "a:b", true},
             Row{"a::", "a::", true},
             Row{"*::**", "a", false},
             Row{"*::**", "a::b::c", true},
         }) {
        CAPTURE(row.pattern);
        CAPTURE(row.name);
        CHECK(NamePattern(row.pattern).matches(row.name) == row.matches);
    }
}

TEST_CASE("pattern: a '*' inside a level and a '**' before the end are said to be wrong") {
    for (const std::string pattern : {"a*", "*a", "**::a", "a::**::b", "***", "a::b*"}) {
        CAPTURE(pattern);
        CHECK_THROWS_WITH_AS(NamePattern{pattern}, doctest::Contains("whole level"), Failure);
    }
}
