#include "server/node/field_value.hpp"

#include <doctest/doctest.h>

using clacks::node::field_value;

TEST_CASE("field value: no separator is in it") {
    CHECK(field_value("a;b, c", 100, ";") == "a_b, c");
    CHECK(field_value("a;b, c", 100, ";, ") == "a_b__c");
    CHECK(field_value("", 100, ";") == "");
}

TEST_CASE("field value: it is cut between characters") {
    CHECK(field_value("Grüße", 2, ";") == "Gr");
    CHECK(field_value("Grüße", 3, ";") == "Gr");
    CHECK(field_value("Grüße", 4, ";") == "Grü");
    CHECK(field_value("✓✓", 5, ";") == "✓");
    CHECK(field_value("✓", 3, ";") == "✓");
    CHECK(field_value("✓", 0, ";") == "");
}
