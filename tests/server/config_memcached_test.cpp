#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tests/server/config_support.hpp"

using namespace clacks;
using namespace clacks::server;
using namespace std::chrono_literals;
using transport::ClientCertificates;

namespace {

constexpr std::string_view head =
    "listen: unix:/s\n"
    "users: {name: a, password: b}\n";

constexpr std::string_view tls = "tls: {certificate: c, key: k, ca: ca}\n";

/// A user who has one.
constexpr std::string_view with_certificate =
    "listen: unix:/s\n"
    "users: [{name: a, password: b}, {name: c, certificate: d}]\n"
    "tls: {certificate: c, key: k, ca: ca}\n";

std::string errors(std::string_view text) {
    return printed(parsed(std::string(head).append(text)).errors);
}

MemcachedSettings memcached(std::string_view text) {
    return loaded(std::string(head).append(text)).memcached;
}

/// `tcp HOST PORT`, `tls HOST PORT CERTIFICATES`, `unix PATH MODE`.
std::string places(const MemcachedSettings& settings) {
    std::string out;
    for (const auto& listen : settings.listen) {
        if (!out.empty()) out += ", ";
        if (const auto* tcp = std::get_if<TcpAddress>(&listen.where)) {
            out += fmt::format("tcp {} {}", tcp->host, tcp->port);
        } else if (const auto* secure = std::get_if<transport::TlsAddress>(&listen.where)) {
            out += fmt::format("tls {} {} {}", secure->host, secure->port,
                               static_cast<int>(listen.client_certificates));
        } else {
            const auto& local = std::get<transport::UnixAddress>(listen.where);
            out += fmt::format("unix {} {:o}", local.path, local.mode);
        }
    }
    return out;
}

}  // namespace

TEST_CASE("config: memcached is off by itself, and has its defaults") {
    const MemcachedSettings settings = memcached("memcached: {}\n");
    CHECK(settings.listen.empty());
    CHECK(settings.item_bytes == 1U << 20U);
    CHECK(settings.idle_timeout == 0s);
    CHECK(settings.flush_all);
    CHECK_FALSE(settings.shutdown);
    CHECK(settings.auth_file.empty());
    CHECK(settings.notify.empty());
}

TEST_CASE("config: every key of memcached arrives where it belongs") {
    const MemcachedSettings settings = memcached(
        "memcached: {item: 2MiB, idle_timeout: 5m, flush_all: false, shutdown: true,\n"
        "            auth_file: users.txt, notify: [\"cache::**\", x], listen: unix:m}\n");
    CHECK(settings.item_bytes == 2U << 20U);
    CHECK(settings.idle_timeout == 5min);
    CHECK_FALSE(settings.flush_all);
    CHECK(settings.shutdown);
    CHECK(settings.auth_file == "/etc/clacks/users.txt");
    CHECK(patterns("", settings.notify) == "cache::**|x");
    CHECK(places(settings) == "unix /etc/clacks/m 660");
}

TEST_CASE("config: where memcached's clients may come from") {
    CHECK(places(memcached("memcached: {listen: [\"tcp://127.0.0.1:11211\", \"tcp://[::1]:2\",\n"
                           "  tcp://localhost:3, {unix: /m, mode: \"0600\"}]}\n")) ==
          "tcp 127.0.0.1 11211, tcp ::1 2, tcp localhost 3, unix /m 600");
    CHECK(places(memcached(std::string(tls) +
                           "memcached: {listen: [{tls: 10.0.0.1:4, client_certificates: require},\n"
                           "  tls://127.0.0.1:5], auth_file: f}\n")) ==
          "tls 10.0.0.1 4 2, tls 127.0.0.1 5 0");
    CHECK(places(memcached(std::string(tls) + "memcached: {listen: tls://10.0.0.1:4,\n"
                                              "  auth_file: f}\n")) == "tls 10.0.0.1 4 0");
}

TEST_CASE("config: a node may be there for memcached's clients only") {
    const auto result = parsed(
        "users: {name: a, password: b}\n"
        "memcached: {listen: unix:m}\n");
    CHECK(printed(result.errors) == "");
}

TEST_CASE("config: a wrong address for memcached is the only mistake where there is no other") {
    const auto result = parsed(
        "users: {name: a, password: b}\n"
        "memcached: {listen: \"tcp://127.0.0.1\"}\n");
    CHECK(printed(result.errors) ==
          "2: 'memcached.listen': 'tcp://127.0.0.1': the port must be a number from 1 to 65535\n");
}

TEST_CASE("config: addresses for memcached that are not allowed are refused with words") {
    CHECK(errors("memcached: {listen: \"tcp://10.0.0.1:11211\"}\n") ==
          "3: 'memcached.listen': 'tcp://10.0.0.1:11211': plain text is for this machine only, "
          "anybody on the way could read it; allowed: tcp://127.0.0.1:PORT (tcp://localhost:PORT, "
          "tcp://[::1]:PORT), tls://HOST:PORT, unix:///PATH\n");
    CHECK(errors("memcached: {listen: \"http://x\"}\n") ==
          "3: 'memcached.listen': 'http://x': not an address; allowed: tcp://127.0.0.1:PORT "
          "(tcp://localhost:PORT, tcp://[::1]:PORT), tls://HOST:PORT, unix:///PATH\n");
    CHECK(errors("memcached: {listen: \"tcp://127.0.0.1\"}\n") ==
          "3: 'memcached.listen': 'tcp://127.0.0.1': the port must be a number from 1 to 65535\n");
    for (const std::string address : {"tcp://300.1.1.1:11211", "tcp://127.0.0.256:11211"}) {
        CHECK(errors("memcached: {listen: \"" + address + "\"}\n") ==
              "3: 'memcached.listen': '" + address +
                  "': the host is no IPv4 address: those are four numbers up to 255\n");
    }
    CHECK(errors("memcached: {listen: tls://127.0.0.1:4}\n") ==
          "3: a tls:// listener needs 'tls.certificate' and 'tls.key'\n");
    CHECK(errors(std::string(tls) + "memcached: {listen: tls://10.0.0.1:4}\n") ==
          "4: 'memcached.listen': here anybody could change the store; set "
          "'memcached.auth_file', or {tls: …, client_certificates: require}\n");
    CHECK(errors("memcached: {listen: unix:/s}\n") ==
          "3: 'memcached.listen': this address stands here twice; first in line 1\n");
    CHECK(errors("memcached: {listen: [\"tcp://[::1]:2\", \"tcp://[::1]:2\"]}\n") ==
          "3: 'memcached.listen': this address stands here twice; first in line 3\n");
    CHECK(errors("memcached: {listen: {unix: /m, client_certificates: none}}\n") ==
          "3: 'memcached.listen': 'client_certificates' is for TLS only\n");
    CHECK(errors("memcached: {listen: {unix: /m, mode: rw}}\n") ==
          "3: 'memcached.listen.mode' is 'rw'; allowed: octal, like \"0660\"\n");
}

TEST_CASE("config: values for memcached that are not allowed are refused with words") {
    CHECK(errors("memcached: {item: 1GiB}\n") ==
          "3: 'memcached.item' is '1GiB'; allowed: 1KiB to 383MiB\n");
    CHECK(errors("memcached: {notify: \"a b\"}\n") ==
          "3: 'memcached.notify': 'a b' is no pattern over names; allowed: levels between '::', "
          "'*' for one of them, '**' as the last for one or more\n");
    CHECK(errors("memcached: {port: 1}\n") ==
          "3: unknown key 'port' in 'memcached'; allowed: listen, item, idle_timeout, flush_all, "
          "shutdown, auth_file, notify\n");
}

TEST_CASE("config: keys that other nodes do not take are unwise") {
    const auto result =
        parsed(std::string(head) + "limits: {key: 700}\nmemcached: {listen: unix:m}\n");
    CHECK(printed(result.errors) == "");
    CHECK(printed(result.warnings) ==
          "4: 'limits.key' (700) is less than a key of memcached can need (750): a longer one may "
          "not reach other nodes\n");
}

TEST_CASE("config: an item has to fit into a line, whatever its bytes are") {
    const std::string advice =
        ", and would be lost for clients of ours and other nodes; make 'limits.line' at least ";
    const std::string or_less = ", here and on the other nodes, or 'memcached.item' smaller\n";
    CHECK(errors("memcached: {item: 12MiB, listen: unix:m}\n") ==
          "3: 'memcached.item' (12MiB) does not always fit into a line of 'limits.line' (16MiB)" +
              advice + "17MiB" + or_less);
    CHECK(errors("limits: {line: 1MiB}\nmemcached:\n  listen: unix:m\n") ==
          "5: 'memcached.item' (1MiB) does not always fit into a line of 'limits.line' (1MiB)" +
              advice + "2MiB" + or_less);
    CHECK(errors("limits: {line: 17MiB}\nmemcached: {item: 12MiB, listen: unix:m}\n") == "");
    CHECK(errors("limits: {line: 512MiB}\nmemcached: {item: 383MiB, listen: unix:m}\n") == "");
    CHECK(errors("limits: {line: 1MiB}\n") == "");
}

TEST_CASE("config: where a certificate is required and nobody has one, nobody gets in") {
    const std::string required =
        "memcached: {listen: {tls: 10.0.0.1:4, client_certificates: require}";
    CHECK(
        errors(std::string(tls) + required + "}\n") ==
        "4: 'memcached.listen': nobody gets in here: a client certificate is required, and nobody "
        "of 'users' has one; give a user a 'certificate', or set 'memcached.auth_file'\n");
    CHECK(errors(std::string(tls) + required + ", auth_file: f}\n") == "");
    CHECK(printed(parsed(std::string(with_certificate) + required + "}\n").errors) == "");
}

TEST_CASE("config: a certificate can be for an address of memcached alone") {
    const std::string address = "memcached: {listen: {tls: 127.0.0.1:4, client_certificates: ";
    CHECK(printed(parsed(std::string(with_certificate) + address + "request}}\n").errors) == "");
    CHECK(printed(parsed(std::string(with_certificate) + address + "none}}\n").errors) ==
          "2: 'users.certificate' needs 'client_certificates': request or require, under 'tls' or "
          "at an address of 'memcached.listen'\n");
}
