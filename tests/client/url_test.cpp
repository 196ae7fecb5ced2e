#include <doctest/doctest.h>

#include <ostream>

#include "clacks/error.hpp"
#include "clacks/url.hpp"

using clacks::parse_url;
using clacks::Url;

TEST_CASE("url: what is one") {
    struct Row {
        const char* text;
        Url url;
        const char* printed;
    };
    const Row rows[] = {
        {"tls://localhost", {.host = "localhost"}, "tls://localhost:49888"},
        {"tls://localhost/", {.host = "localhost"}, "tls://localhost:49888"},
        {"tls://me@node.example:1",
         {.user = "me", .host = "node.example", .port = 1},
         "tls://node.example:1"},
        {"tls://10.0.0.1:65535", {.host = "10.0.0.1", .port = 65535}, "tls://10.0.0.1:65535"},
        {"tls://me@[::1]:18888", {.user = "me", .host = "::1", .port = 18888}, "tls://[::1]:18888"},
        {"tls://a%40b@host", {.user = "a@b", .host = "host"}, "tls://host:49888"},
        {"unix:///run/clacks.sock",
         {.tls = false, .port = 0, .path = "/run/clacks.sock"},
         "unix:///run/clacks.sock"},
        {"unix://me@/run/a%20b",
         {.tls = false, .user = "me", .port = 0, .path = "/run/a b"},
         "unix:///run/a b"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.text);
        const auto url = parse_url(row.text);
        REQUIRE(url.has_value());
        CHECK((*url == row.url));
        CHECK(to_string(*url) == row.printed);
    }
}

TEST_CASE("url: what is none") {
    const std::string rows[] = {
        "",
        "localhost",
        "localhost:49888",
        "tcp://localhost",
        "TLS//x",
        "tls://",
        "tls://:1",
        "tls://host:0",
        "tls://host:65536",
        "tls://host:99999",
        "tls://host:99999999999",
        "tls://host:",
        "tls://host:x",
        "tls://::1:49888",
        "tls://[::1",
        "tls://host/path",
        "tls://host?query",
        "tls://host#part",
        "tls://me:secret@host",
        "tls:host",
        "unix://",
        "unix:///",
        "unix:run/x",
        "unix:",
        "unix:/",
        "unix:///x?y",
        "unix://run/x",
        "unix://host:1/x",
        "unix:///a%00b",
        "tls://ho st",
        " tls://host",
    };
    for (const std::string& text : rows) {
        CAPTURE(text);
        CHECK(parse_url(text).error() == clacks::Errc::invalid_url);
    }
}
