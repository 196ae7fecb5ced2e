#include "protocol/error.hpp"

#include <doctest/doctest.h>

using clacks::protocol::ParseError;

TEST_CASE("error: a parse error is an error_code that says what it is") {
    const boost::system::error_code unknown = ParseError::unknown_verb;
    const boost::system::error_code malformed = ParseError::malformed;
    CHECK(unknown.failed());
    CHECK(unknown != malformed);
    CHECK(unknown.message() == "unknown verb");
    CHECK(malformed.message() == "malformed");
    CHECK(std::string(malformed.category().name()) == "clacks.protocol");
}
