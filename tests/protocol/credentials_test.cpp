#include "protocol/credentials.hpp"

#include <doctest/doctest.h>

#include "protocol/error.hpp"

using namespace clacks::protocol;

TEST_CASE("credentials: the token is both halves in Base64, joined by a colon") {
    struct Row {
        std::string user, password, token;
    };
    for (const Row& row :
         {Row{"exampleuser", "unsafepassword", "ZXhhbXBsZXVzZXI=:dW5zYWZlcGFzc3dvcmQ="},
          {"reader", "r", "cmVhZGVy:cg=="},
          {"a:b", "c:d", "YTpi:Yzpk"},
          {"grüßer", "pass wörd", "Z3LDvMOfZXI=:cGFzcyB3w7ZyZA=="},
          {"", "", ":"}}) {
        CAPTURE(row.token);
        CHECK(encode_token({row.user, row.password}) == row.token);
        const auto credentials = decode_token(row.token);
        REQUIRE(credentials.has_value());
        CHECK(credentials->user == row.user);
        CHECK(credentials->password == row.password);
    }
}

TEST_CASE("credentials: anything else is malformed") {
    for (const std::string_view token :
         {"", "ZXhhbXBsZXVzZXI6dW5zYWZlcGFzc3dvcmQ=",  // Base64 of user:password does not log in
          "ZXhhbXBsZXVzZXI=", "YQ==:YQ==:YQ==", "YQ==:!", "!:YQ==", "Y:YQ==", "user:password!"}) {
        CAPTURE(token);
        CHECK(decode_token(token).error() == ParseError::malformed);
    }
}
