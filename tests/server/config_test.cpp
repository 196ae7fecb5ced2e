#include "server/config.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <map>

#include "tests/server/config_support.hpp"

using namespace clacks;
using namespace clacks::server;
using namespace std::chrono_literals;
using protocol::Permission;

TEST_CASE("config: every key arrives where it belongs") {
    const Config config = loaded(R"(
name: north
listen: [tls://0.0.0.0:1, {unix: /s, mode: "0600", group: ops}, {tls: "[::1]:2"}, {unix: /t}]
tls: {certificate: a.crt, key: /k, ca: ../ca, client_certificates: require, minimum_version: 1.3}
users:
  - {name: one, password: p1}
  - {name: two, password: p2, permissions: [read, manage]}
  - {name: three, password: p3}
  - {name: four, password: p4, permissions: []}
master:
  - tls://m:3
  - {unix: /m, user: u, password: p}
interclacks: {verify: none, ping_timeout: 1s, reconnect_delay: 2s, reconnect_delay_max: 3s}
timeouts: {ping: 4s, authentication: 5s, stalled_write: 6s, keepalive: 7s}
limits: {connections: 8, unauthenticated: 5, line: 9KiB, key: 10, output: 11MiB, listens: 12, monitor: 18MiB}
cache: {memory: 17MiB, evict: false, deleted: 13s, stale: 14s, cleanup: 15s}
threads: 16
log: {level: debug, format: json}
)");
    CHECK(config.node.name == "north");
    CHECK(addresses(config) == "tls 0.0.0.0 1, unix /s 600 ops, tls ::1 2, unix /t 660 ");
    CHECK(config.net.tls.certificate == "/etc/clacks/a.crt");
    CHECK(config.net.tls.key == "/k");
    CHECK(config.net.tls.ca == "/etc/ca");
    CHECK(config.net.tls.client_certificates == transport::ClientCertificates::require);
    CHECK(config.net.tls.minimum_version == transport::TlsVersion::tls_1_3);

    CHECK(users(config) == "one p1 rwmi, two p2 r-m-, three p3 rw--, four p4 ----");
    REQUIRE(config.net.masters.size() == 2);
    CHECK(config.net.masters[0].address == transport::Address(transport::TlsAddress{"m", 3}));
    CHECK(config.net.masters[0].user.empty());
    CHECK(std::get<transport::UnixAddress>(config.net.masters[1].address).path == "/m");
    CHECK(config.net.masters[1].user == "u");
    CHECK(config.net.masters[1].password == "p");

    CHECK_FALSE(config.net.links.verify_peer);
    CHECK(config.node.timeouts.link_ping == 1s);
    CHECK(config.net.links.reconnect_delay == 2s);
    CHECK(config.net.links.reconnect_delay_max == 3s);
    CHECK(config.node.timeouts.ping == 4s);
    CHECK(config.node.timeouts.authentication == 5s);
    CHECK(config.node.timeouts.stalled_write == 6s);
    CHECK(config.node.timeouts.keepalive == 7s);
    CHECK(config.node.limits.connections == 8);
    CHECK(config.node.limits.unauthenticated == 5);
    CHECK(config.node.limits.line_bytes == 9216);
    CHECK(config.node.limits.key_bytes == 10);
    CHECK(config.node.limits.output_bytes == 11U << 20U);
    CHECK(config.node.limits.listens == 12);
    CHECK(config.node.limits.monitor_bytes == 18U << 20U);
    CHECK(config.node.cache.memory == 17U << 20U);
    CHECK_FALSE(config.node.cache.evict);
    CHECK(config.node.cache.deleted == 13s);
    CHECK(config.node.cache.stale == 14s);
    CHECK(config.node.cache.cleanup == 15s);
    CHECK(config.net.threads == 16);
    CHECK(config.log.level == node::Log::Level::debug);
    CHECK(config.log.format == LogFormat::json);
}

TEST_CASE("config: a user may be limited to names, for read and write alike or for each") {
    const auto second_user = [](std::string_view keys) {
        const std::string all = users(
            loaded("listen: unix:/s\nusers:\n- {name: a, password: b}\n- {name: c, password: d, " +
                   std::string(keys) + "}\n"));
        return all.substr(all.find(", ") + 2);
    };
    CHECK(second_user("names: ['s::**']") == "c d rw-- read=s::** write=s::**");
    CHECK(second_user("names: s::x*::*, permissions: [read, manage]") ==
          "c d r-m- read=s::x*::* write=s::x*::*");
    CHECK(second_user("names: [a, 'b::*']") == "c d rw-- read=a|b::* write=a|b::*");
    CHECK(second_user("names: [a, '**']") == "c d rw--");
    CHECK(second_user("permissions: {read: ['**'], write: ['s::**', t], manage: true}") ==
          "c d rwm- write=s::**|t");
    CHECK(second_user("permissions: {read: s}") == "c d r--- read=s");
    CHECK(second_user("permissions: {write: ['*::s']}") == "c d -w-- write=*::s");
    CHECK(second_user("permissions: {manage: true}") == "c d --m-");
    CHECK(second_user("permissions: {manage: false}") == "c d ----");
    CHECK(second_user("permissions: {}") == "c d ----");
}

TEST_CASE("config: a user may be known by a certificate instead of a password") {
    const std::string tls =
        "listen: tls://h:1\ntls: {certificate: c, key: k, ca: a, client_certificates: request}\n";
    CHECK(users(loaded(tls + "users:\n"
                             "- {name: a, password: b}\n"
                             "- {name: c, certificate: sensor-1}\n"
                             "- {name: d, password: e, certificate: sensor-2}\n")) ==
          "a b rwmi, c  rw-- cert=sensor-1, d e rw-- cert=sensor-2");
}

TEST_CASE("config: a password may be a hash, but for the first user") {
    const std::string hash = "scrypt:14:8:1:c2FsdHNhbHQ=:aGFzaGhhc2hoYXNoaGFzaA==";
    const Config config =
        loaded("listen: unix:/s\nusers:\n- {name: a, password: b}\n- {name: c, password: '" + hash +
               "'}\n");
    CHECK(users(config) == "a b rwmi, c " + hash + " rw--");
    CHECK_FALSE(config.node.users[0].hashed);
    CHECK(config.node.users[1].hashed);
    CHECK(config.node.nobodys_password.starts_with("scrypt:14:8:1:"));
    CHECK(config.node.nobodys_password.size() == hash.size());
    CHECK(loaded("listen: unix:/s\nusers: {name: a, password: b}\n").node.nobodys_password.empty());
}

TEST_CASE("config: the name defaults to the host name") {
    char host[256] = {};
    REQUIRE(gethostname(host, sizeof host - 1) == 0);
    CHECK(loaded("listen: unix:/s\nusers: {name: a, password: b}\n").node.name == host);
}

TEST_CASE("config: one value is as good as a list of one") {
    const Config config = loaded(
        "listen: unix:/s\nmaster: tls://m:1\n"
        "users: {name: a, password: b}\n");
    CHECK(addresses(config) == "unix /s 660 ");
    CHECK(config.net.masters.size() == 1);
    CHECK(users(config) == "a b rwmi");
}

TEST_CASE("config: a node with a master needs no listener") {
    CHECK(loaded("master: tls://m:1\nusers: {name: a, password: b}\n").net.listen.empty());
}

TEST_CASE("config: a key with nothing behind it keeps its default") {
    const Config config = loaded(
        "listen: unix:/s\nusers: {name: a, password: b}\n"
        "threads:\nlimits:\nmaster: ~\ntimeouts: {ping: }\n");
    CHECK(config.net.threads == 0);
    CHECK(config.node.limits.line_bytes == node::Limits().line_bytes);
    CHECK(config.node.timeouts.ping == node::Timeouts().ping);
    CHECK(config.net.masters.empty());
}

TEST_CASE("config: sockets and files are relative to the directory of the file") {
    const Config config = loaded(
        "listen: [unix:a.sock, {unix: run/b.sock}, unix:../c.sock]\n"
        "users: {name: a, password: b}\ntls: {ca: ./x/../ca.crt}\n");
    CHECK(addresses(config) ==
          "unix /etc/clacks/a.sock 660 , unix /etc/clacks/run/b.sock 660 , unix /etc/c.sock 660 ");
    CHECK(config.net.tls.ca == "/etc/clacks/ca.crt");
}

TEST_CASE("config: ${NAME} is replaced from the environment in any value") {
    const Environment environment = [](const std::string& name) -> std::optional<std::string> {
        const std::map<std::string, std::string> values{
            {"SECRET", "a: [b # \"c"}, {"N", "7"}, {"EMPTY", ""}, {"NESTED", "${N}"}};
        const auto found = values.find(name);
        if (found == values.end()) return std::nullopt;
        return found->second;
    };
    const Loaded result = parse_config(
        "name: x${N}y${EMPTY}${N}\n"
        "listen: \"unix:/run/${N}.sock\"\n"
        "users:\n"
        "  - {name: \"$N $$ $${N}\", password: \"${SECRET}\"}\n"
        "  - {name: b, password: '${NESTED}'}\n"
        "threads: ${N}\n",
        "f.yaml", environment);
    REQUIRE(result.config);
    CHECK(result.config->node.name == "x7y7");
    CHECK(addresses(*result.config) == "unix /run/7.sock 660 ");
    CHECK(users(*result.config) == "$N $$ ${N} a: [b # \"c rwmi, b ${N} rw--");
    CHECK(result.config->net.threads == 7);
}

TEST_CASE("config: an output limit below the line limit is a warning") {
    const Loaded result = parse_config(
        "listen: unix:/s\nusers: {name: a, password: b}\n"
        "limits:\n  line: 2KiB\n  output: 1KiB\n",
        "/etc/clacks/node.yaml", no_environment);
    CHECK(result.config);
    CHECK(printed(result.warnings) ==
          "5: 'limits.output' (1KiB) is less than 'limits.line' "
          "(2KiB): a connection cannot be sent the longest line\n");
}

TEST_CASE("config: an error is written as FILE:LINE: text") {
    CHECK(to_string(ConfigError{"a.yaml", 3, "no"}) == "a.yaml:3: no");
    CHECK(to_string(ConfigError{"a.yaml", 0, "no"}) == "a.yaml: no");
    CHECK(to_warning(ConfigError{"a.yaml", 3, "hm"}) == "a.yaml:3: warning: hm");
}
