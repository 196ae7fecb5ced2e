#include "server/address.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace clacks;
using namespace clacks::server;

namespace {

// An address as one text, or its problem after a '!'.
std::string shown(std::string_view text) {
    const auto parsed = parse_address(text);
    if (!parsed) return "!" + parsed.error().text;
    if (const auto* tls = std::get_if<transport::TlsAddress>(&*parsed)) {
        return "tls " + tls->host + " " + std::to_string(tls->port);
    }
    return "unix " + std::get<transport::UnixAddress>(*parsed).path;
}

}  // namespace

TEST_CASE("address: tls has a host and a port, unix has a path") {
    const std::pair<std::string_view, std::string_view> rows[] = {
        {"tls://127.0.0.1:49888", "tls 127.0.0.1 49888"},
        {"tls://node.example.org:1", "tls node.example.org 1"},
        {"tls://300.1.1.1.example.org:1", "tls 300.1.1.1.example.org 1"},
        {"tls://[::1]:65535", "tls ::1 65535"},
        {"tls://[::]:49888", "tls :: 49888"},
        {"unix:///run/clacks.sock", "unix /run/clacks.sock"},
        {"unix:/run/clacks.sock", "unix /run/clacks.sock"},
        {"unix:sockets/a.sock", "unix sockets/a.sock"},
        {"unix:///with%20blank", "unix /with blank"},
    };
    for (const auto& [text, expected] : rows) {
        CAPTURE(text);
        CHECK(shown(text) == expected);
    }
}

TEST_CASE("address: a problem says what is allowed") {
    const std::pair<std::string_view, std::string_view> rows[] = {
        {"", "!not an address; allowed: tls://host:port, unix:///path"},
        {"127.0.0.1:49888", "!not an address; allowed: tls://host:port, unix:///path"},
        {"/run/clacks.sock", "!not an address; allowed: tls://host:port, unix:///path"},
        {"tls://a b:1", "!not an address; allowed: tls://host:port, unix:///path"},
        {"tls://[::1:5", "!not an address; allowed: tls://host:port, unix:///path"},
        {"udp://127.0.0.1:1", "!unknown kind of address; allowed: tls://host:port, unix:///path"},
        {"tcp://127.0.0.1:1",
         "!tcp:// is for memcached's clients, in 'memcached.listen'; allowed: tls://host:port, "
         "unix:///path"},
        {"tls:host:1", "!not an address; allowed: tls://host:port, unix:///path"},
        {"tls://host", "!the port must be a number from 1 to 65535"},
        {"tls://host:", "!the port must be a number from 1 to 65535"},
        {"tls://host:port", "!the port must be a number from 1 to 65535"},
        {"tls://host:0", "!the port must be a number from 1 to 65535"},
        {"tls://host:65536", "!the port must be a number from 1 to 65535"},
        {"tls://host:80000", "!the port must be a number from 1 to 65535"},
        {"tls://host:99999", "!the port must be a number from 1 to 65535"},
        {"tls://host:131072", "!the port must be a number from 1 to 65535"},
        {"tls://host:99999999999999999999", "!the port must be a number from 1 to 65535"},
        {"tls://:49888", "!the host is missing; for all interfaces write 0.0.0.0 or [::]"},
        {"tls://300.1.1.1:1", "!the host is no IPv4 address: those are four numbers up to 255"},
        {"tls://127.0.0.256:1", "!the host is no IPv4 address: those are four numbers up to 255"},
        {"tls://10.0.0:1", "!the host is no IPv4 address: those are four numbers up to 255"},
        {"tls://host:1/", "!nothing may follow the port"},
        {"tls://host:1?a=b",
         "!no '?' or '#' in an address; allowed: tls://host:port, unix:///path"},
        {"tls://me:secret@host:1",
         "!a user does not belong into an address; "
         "write {tls: host:port, user: …, password: …}"},
        {"unix://run/clacks.sock",
         "!a unix address has no host: write unix:///path, or unix:path for one relative to this "
         "file"},
        {"unix://", "!the path of the socket is missing"},
        {"unix:///run/", "!the path of the socket is missing"},
    };
    for (const auto& [text, expected] : rows) {
        CAPTURE(text);
        CHECK(shown(text) == expected);
    }
}
