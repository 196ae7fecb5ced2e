#include "memcached/auth_file.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>

using clacks::memcached::AuthFile;

TEST_CASE("auth file: a name and a password a line") {
    const AuthFile file = AuthFile::parse("foo:bar\r\n\nuser:pass:word \nlast:one");
    CHECK(file.users().size() == 3);
    CHECK(file.check("foo", "bar"));
    CHECK(file.check("user", "pass:word "));
    CHECK(file.check("last", "one"));
    for (const auto& [name, password] : {std::pair("foo", "ba"),
                                         {"foo", "barr"},
                                         {"foo", ""},
                                         {"", ""},
                                         {"user", "bar"},
                                         {"foo", "barbar"},
                                         {"fo", "bar"}}) {
        CAPTURE(std::string(name));
        CAPTURE(std::string(password));
        CHECK_FALSE(file.check(name, password));
    }
}

TEST_CASE("auth file: what is wrong is said with its line") {
    const auto why = [](const std::string& text) {
        try {
            AuthFile::parse(text);
        } catch (const std::runtime_error& error) {
            return std::string(error.what());
        }
        return std::string("nothing");
    };
    CHECK(why("a:b\nfoo\n") == "line 2: a colon is missing: name:password");
    CHECK(why(":b") == "line 1: name or password is empty");
    CHECK(why("a:") == "line 1: name or password is empty");
    CHECK(why("a:" + std::string(256, 'x')) == "line 1: name and password may have 255 bytes");
    CHECK(why("a:b\na:c") == "line 2: this name is there already");
    CHECK(why("") == "nothing");
}
