#include <doctest/doctest.h>

#include <string>

#include "server/config.hpp"
#include "tests/server/config_support.hpp"

using namespace clacks::server;

namespace {

struct Mistake {
    std::string_view yaml;
    std::string_view errors;  ///< `LINE: text` per line
};

// `prefix` comes before each; it is right.
template <std::size_t count>
void check(std::string_view prefix, const Mistake (&rows)[count]) {
    for (const auto& [yaml, errors] : rows) {
        CAPTURE(yaml);
        const Loaded result = parsed(std::string(prefix) + std::string(yaml));
        CHECK(printed(result.errors) == errors);
        CHECK_FALSE(result.config.has_value());
    }
}

constexpr std::string_view two_lines =
    "listen: unix:/s\n"
    "users: {name: a, password: b}\n";

}  // namespace

TEST_CASE("config: unknown keys are errors that list the allowed ones") {
    check(two_lines,
          {{"colour: red\n",
            "3: unknown key 'colour'; allowed: name, listen, tls, users, master, interclacks, "
            "timeouts, limits, cache, persistence, memcached, threads, gather, log\n"},
           {"thread: 2\n",
            "3: unknown key 'thread'; did you mean 'threads'? allowed: name, listen, tls, users, "
            "master, interclacks, timeouts, limits, cache, persistence, memcached, threads, "
            "gather, log\n"},
           {"tls:\n  ca: x\n  certifcate: y\n",
            "5: unknown key 'certifcate' in 'tls'; did you mean 'certificate'? allowed: "
            "certificate, key, ca, client_certificates, minimum_version\n"},
           {"cache: {size: 64MiB}\n",
            "3: unknown key 'size' in 'cache'; allowed: memory, evict, deleted, stale, cleanup\n"},
           {"log: {Level: info}\n",
            "3: unknown key 'Level' in 'log'; did you mean 'level'? allowed: level, format\n"},
           {"log: {\"a\\e[31m\": info}\n",
            "3: unknown key 'a?[31m' in 'log'; allowed: level, format\n"},
           {"log: {[level]: info}\n", "3: a key in 'log' must be a single word\n"}});
}

TEST_CASE("config: a key that stands there twice is an error") {
    check(
        two_lines,
        {{"threads: 1\nthreads: 1\n", "4: 'threads' stands here twice; first in line 3\n"},
         {"log: {level: info, level: info}\n",
          "3: 'log.level' stands here twice; first in line 3\n"},
         {"log: {level: , level: info}\n", "3: 'log.level' stands here twice; first in line 3\n"}});
}

TEST_CASE("config: a value of the wrong shape is an error") {
    check(two_lines,
          {{"name: [a]\n", "3: 'name' must be a single value, not a list\n"},
           {"name: {a: b}\n", "3: 'name' must be a single value, not a map\n"},
           {"name: ''\n",
            "3: 'name' must be text of at least one character, without line breaks and other "
            "control characters\n"},
           {"name: \"a\\nb\"\n",
            "3: 'name' must be text of at least one character, without line breaks and other "
            "control characters\n"},
           {"log: info\n", "3: 'log' must be a map of level, format\n"},
           {"cache: [1]\n", "3: 'cache' must be a map of memory, evict, deleted, stale, cleanup\n"},
           {"tls: {ca: ''}\n", "3: 'tls.ca' must be the path of a file\n"},
           {"timeouts:\n  ping: {a: b}\n",
            "4: 'timeouts.ping' must be a single value, not a map\n"}});
}

TEST_CASE("config: a value out of range is an error that names the range") {
    check(two_lines,
          {{"threads: -1\n", "3: 'threads' is '-1'; allowed: a whole number from 0 to 1024\n"},
           {"threads: 1025\n", "3: 'threads' is '1025'; allowed: a whole number from 0 to 1024\n"},
           {"threads: 2.0\n", "3: 'threads' is '2.0'; allowed: a whole number from 0 to 1024\n"},
           {"limits: {connections: 0}\n",
            "3: 'limits.connections' is '0'; allowed: a whole number from 1 to 10000000\n"},
           {"limits: {listens: 99999999999999999999}\n",
            "3: 'limits.listens' is '99999999999999999999'; allowed: a whole number from 1 to "
            "10000000\n"},
           {"limits: {line: 16MB}\n",
            "3: 'limits.line' is '16MB'; allowed: a number of bytes, or with a unit like 64KiB, "
            "16MiB, 1GiB\n"},
           {"limits: {line: 255}\n", "3: 'limits.line' is '255'; allowed: 256 to 512MiB\n"},
           {"limits: {key: 0}\n", "3: 'limits.key' is '0'; allowed: 1 to 1MiB\n"},
           {"limits: {output: 17GiB}\n", "3: 'limits.output' is '17GiB'; allowed: 1KiB to 16GiB\n"},
           {"timeouts: {ping: 180}\n",
            "3: 'timeouts.ping' is '180'; allowed: a number with its unit, like 500ms, 1.5s, 10s, "
            "5m, 1h, 7d\n"},
           {"timeouts: {ping: 0s}\n", "3: 'timeouts.ping' is '0s'; allowed: 1ms to 3650d\n"},
           {"cache: {stale: 3651d}\n", "3: 'cache.stale' is '3651d'; allowed: 1ms to 3650d\n"},
           {"cache: {memory: 1023KiB}\n",
            "3: 'cache.memory' is '1023KiB'; allowed: 1MiB to 1024GiB\n"},
           {"cache: {evict: maybe}\n", "3: 'cache.evict' is 'maybe'; allowed: true, false\n"},
           {"gather: 11ms\n", "3: 'gather' is '11ms'; allowed: 0us to 10ms\n"},
           {"log: {level: loud}\n",
            "3: 'log.level' is 'loud'; allowed: debug, info, warning, error\n"},
           {"log: {format: xml}\n", "3: 'log.format' is 'xml'; allowed: text, json\n"},
           {"tls: {minimum_version: 1.1}\n",
            "3: 'tls.minimum_version' is '1.1'; allowed: 1.2, 1.3\n"},
           {"interclacks: {verify: yes}\n",
            "3: 'interclacks.verify' is 'yes'; allowed: peer, none\n"},
           {"interclacks:\n  reconnect_delay: 31s\n",
            "4: 'interclacks.reconnect_delay' (31s) is more than "
            "'interclacks.reconnect_delay_max' (30s)\n"}});
}

TEST_CASE("config: an address that cannot be is an error") {
    check(
        "users: {name: a, password: b}\n",
        {{"listen: tls://127.0.0.1:0\n",
          "2: 'listen': 'tls://127.0.0.1:0': the port must be a number from 1 to 65535\n"},
         {"listen: tls://127.0.0.1:80000\ntls: {certificate: c, key: k}\n",
          "2: 'listen': 'tls://127.0.0.1:80000': the port must be a number from 1 to 65535\n"},
         {"listen: unix:/s\nmaster: [tls://m:65536, {tls: 'm:99999'}]\n",
          "3: 'master': 'tls://m:65536': the port must be a number from 1 to 65535\n"
          "3: 'master': 'tls://m:99999': the port must be a number from 1 to 65535\n"},
         {"listen:\n- unix:/s\n- tls://me:secret@host:1\n",
          "4: 'listen': a user does not belong into an address; write {tls: host:port, user: …, "
          "password: …}\n"},
         {"listen: [unix:/s, ~]\n", "2: 'listen' has an empty item\n"},
         {"listen: [unix:/s, [unix:/t]]\n", "2: 'listen' must be a single value, not a list\n"},
         {"listen: {mode: 0660}\n", "2: 'listen': one of 'tls' and 'unix' is needed\n"},
         {"listen: {unix: /s, tls: 'h:1'}\n", "2: 'listen': one of 'tls' and 'unix' is needed\n"},
         {"listen: {unix: ''}\n",
          "2: 'listen.unix' must be text of at least one character, without line breaks and "
          "other control characters\n"},
         {"listen: {unix: unix://s}\n",
          "2: 'listen': 'unix://s': a unix address has no host: write unix:///path, or unix:path "
          "for one relative to this file\n"},
         {"listen: {unix: /s, mode: 0680}\n",
          "2: 'listen.mode' is '0680'; allowed: octal, like \"0660\"\n"},
         {"listen: {unix: /s, mode: 1777}\n",
          "2: 'listen.mode' is '1777'; allowed: octal, like \"0660\"\n"},
         {"listen: {unix: unix://s, mode: rw}\n",
          "2: 'listen': 'unix://s': a unix address has no host: write unix:///path, or unix:path "
          "for one relative to this file\n"
          "2: 'listen.mode' is 'rw'; allowed: octal, like \"0660\"\n"},
         {"listen: {tls: 'tls:0'}\n",
          "2: 'listen': 'tls://tls:0': the port must be a number from 1 to 65535\n"},
         {"listen: {tls: 'h:1', mode: 0600}\ntls: {certificate: c, key: k}\n",
          "2: 'listen': 'mode' and 'group' are for unix sockets only\n"},
         {"listen: [unix:/s, {unix: /x/../s, mode: 0600}]\n",
          "2: 'listen': this address stands here twice; first in line 2\n"},
         {"listen: unix:/s\nmaster: [tls://m:1, tls://m:1]\n",
          "3: 'master': this address stands here twice; first in line 3\n"},
         {"listen: unix:/s\nmaster: unix:///s\n",
          "3: 'master': this node itself listens there, line 2\n"},
         {"master: {tls: 'm:1', user: u}\n",
          "2: 'master': 'user' and 'password' go together; without both the node's own are "
          "used\n"},
         {"master: {tls: 'm:1', mode: 0600}\n",
          "2: unknown key 'mode' in 'master'; allowed: tls, unix, user, password\n"},
         {"name: x\n",
          "1: neither 'listen', 'memcached.listen' nor 'master': nobody could reach this node\n"},
         {"name: x\nlisten: []\n",
          "3: neither 'listen', 'memcached.listen' nor 'master': nobody could reach this node\n"}});
    const std::string path(108, 'x');
    CHECK(printed(parsed("users: {name: a, password: b}\nlisten: unix:/" + path + "\n").errors) ==
          "2: the path of the socket, '/" + path.substr(0, 79) +
              "…', has 109 bytes; allowed: at most 107\n");
}

TEST_CASE("config: a tls listener needs a certificate and its key") {
    check("users: {name: a, password: b}\nlisten: tls://h:1\n",
          {{"", "2: a tls:// listener needs 'tls.certificate' and 'tls.key'\n"},
           {"tls:\n  certificate: c\n", "4: 'tls.certificate' and 'tls.key' go together\n"},
           {"tls:\n  key: k\n", "4: 'tls.certificate' and 'tls.key' go together\n"},
           {"tls:\n  certificate: c\n  key: k\n  client_certificates: request\n",
            "6: 'tls.client_certificates' needs 'tls.ca': whom to trust\n"}});
}

TEST_CASE("config: a mistake in the users is an error") {
    check("listen: unix:/s\n",
          {{"", "1: 'users' needs at least one user; the first one is the node's own identity\n"},
           {"users: []\n",
            "2: 'users' needs at least one user; the first one is the node's own identity\n"},
           {"users: bob\n",
            "2: 'users' must be a map of name, password, certificate, permissions, names\n"},
           {"users:\n- {name: a}\n- {password: b}\n- {name: c}\n",
            "3: 'users': the first user needs a 'password', with which the node logs in at its "
            "master\n"
            "4: 'users': a user needs a 'name'\n"
            "5: 'users': a user needs a 'password' or a 'certificate'\n"},
           {"users:\n- {name: a, password: b}\n-\n", "3: 'users' has an empty item\n"},
           {"users: {name: a, password: ''}\n",
            "2: 'users.password' is empty; a password has at least one character\n"},
           {"users: {name: a, password: [geheim]}\n",
            "2: 'users.password' must be a single value, not a list\n"},
           {"users:\n- {name: a, password: b}\n- {name: a, password: c}\n",
            "4: 'users': 'a' stands here twice; first in line 3\n"},
           {"users: {name: a, password: b, permissions: [read]}\n",
            "2: 'users.permissions': the first user is the node itself and has all permissions for "
            "all names; leave the key out\n"},
           {"users: {name: a, password: b, names: [x]}\n",
            "2: 'users.names': the first user is the node itself and has all permissions for all "
            "names; leave the key out\n"},
           {"users: {name: a, password: b, certificate: c}\n",
            "2: 'users.certificate': the first user is the node itself and proves to other nodes "
            "who it is with its password; leave the key out\n"},
           {"users:\n- {name: a, password: b}\n- {name: c, password: d, permissions: [read, "
            "interclacks]}\n",
            "4: 'users.permissions': interclacks belongs to the first user alone; allowed: read, "
            "write, manage\n"},
           {"users:\n- {name: a, password: b}\n- {name: c, password: d, permissions: admin}\n",
            "4: 'users.permissions': 'admin' is unknown; allowed: read, write, manage\n"},
           {"users: {name: a, password: b, group: ops}\n",
            "2: unknown key 'group' in 'users'; allowed: name, password, certificate, permissions, "
            "names\n"}});
}

TEST_CASE("config: a mistake in the names of a user is an error") {
    const std::string no_pattern =
        " is no pattern over names; allowed: levels between '::', '*' for one of them, '**' as the "
        "last for one or more\n";
    const auto names_of = [](std::string_view keys) {
        return printed(parsed("listen: unix:/s\nusers:\n- {name: a, password: b}\n"
                              "- name: c\n  password: d\n" +
                              std::string(keys))
                           .errors);
    };
    CHECK(names_of("  names: ['a::**::b', 'c d', '', ~, \"e\\tf\"]\n") ==
          "6: 'users.names': 'a::**::b'" + no_pattern + "6: 'users.names': 'c d'" + no_pattern +
              "6: 'users.names': ''" + no_pattern + "6: 'users.names': ''" + no_pattern +
              "6: 'users.names': 'e?f'" + no_pattern);
    CHECK(names_of("  names:\n  - ok\n  - {a: b}\n") ==
          "8: 'users.names' must be a single value, not a map\n");
    CHECK(names_of("  names: []\n") == "6: 'users.names' is empty; leave the key out\n");
    CHECK(names_of("  permissions:\n    write: []\n") ==
          "7: 'users.permissions.write' is empty; leave the key out\n");
    CHECK(names_of("  permissions:\n    read: ['**::a']\n    delete: [a]\n") ==
          "7: 'users.permissions.read': '**::a'" + no_pattern +
              "8: unknown key 'delete' in 'users.permissions'; allowed: read, write, manage\n");
    CHECK(names_of("  permissions: {manage: yes}\n") ==
          "6: 'users.permissions.manage' is 'yes'; allowed: true, false\n");
    CHECK(names_of("  permissions: {read: [a]}\n  names: [b]\n") ==
          "7: 'users.names' goes with a list of permissions; here the names stand in "
          "'users.permissions'\n");
}

TEST_CASE("config: a certificate that nobody can show is an error") {
    const char* const needs =
        "4: 'users.certificate' needs 'client_certificates': request or require, under 'tls' or at "
        "an address of 'memcached.listen'\n";
    check("listen: unix:/s\nusers:\n- {name: a, password: b}\n",
          {{"- {name: c, certificate: sensor}\n", needs},
           {"- {name: c, password: d, certificate: sensor}\ntls: {ca: a}\n", needs}});
}

TEST_CASE("config: a hash is checked where it stands, and never repeated") {
    const std::string no_hash =
        "is no hash of a password; 'clacks passwd' prints one: scrypt:<log2 of "
        "N>:<r>:<p>:<salt>:<hash>\n";
    const std::string bounds =
        "asks too much or too little of scrypt; allowed: N from 2^10 to 2^20, r from 1 to 64, p "
        "from 1 to 8, and 128 * N * r bytes of memory up to 64 MiB\n";
    const std::string tail = ":c2FsdHNhbHQ=:aGFzaGhhc2hoYXNoaGFzaA==";
    const auto second = [](const std::string& hash) {
        return printed(parsed("listen: unix:/s\nusers:\n- {name: a, password: b}\n- name: c\n"
                              "  password: '" +
                              hash + "'\n")
                           .errors);
    };
    CHECK(second("scrypt:14:8:1" + tail) == "");
    CHECK(second("scrypt:abc") == "5: 'users.password' " + no_hash);
    CHECK(second("scrypt:14:8:1") == "5: 'users.password' " + no_hash);
    CHECK(second("scrypt:20:8:1" + tail) == "5: 'users.password' " + bounds);
    CHECK(second("scrypt:4:8:1" + tail) == "5: 'users.password' " + bounds);
}

TEST_CASE("config: where the node itself logs in, a hash is no password") {
    const std::string text =
        "is a hash, with which this node cannot log in at its master; allowed: plain text, best as "
        "${NAME} from the environment\n";
    const auto environment = [](const std::string&) { return std::optional("scrypt:abc"); };
    const Loaded result = parse_config(
        "listen: unix:/s\n"
        "users:\n  name: a\n  password: ${P}\n"
        "master: {tls: 'h:1', user: u, password: 'scrypt:abc'}\n",
        "f", environment);
    CHECK(printed(result.errors) == "4: 'users.password' " + text + "5: 'master.password' " + text);
}

TEST_CASE("config: a variable that cannot be replaced is an error") {
    constexpr std::string_view form =
        "3: '${' must be followed by the name of an environment variable and '}'; for a literal "
        "'${' write '$${'\n";
    check(two_lines,
          {{"name: \"${NOWHERE}\"\n", "3: the environment variable NOWHERE is not set\n"},
           {"name: \"${\"\n", form},
           {"name: \"${}\"\n", form},
           {"name: \"${A\"\n", form},
           {"name: \"${A B}\"\n", form},
           {"name: \"${A:-b}\"\n", form}});
}

TEST_CASE("config: what is not YAML is one error with its line") {
    check("",
          {{"name: x\nlisten: [unix:/s\n", "3: not valid YAML: end of sequence flow not found\n"},
           {"name: x\n\tlisten: y\n",
            "2: not valid YAML: illegal tab when looking for indentation\n"},
           {"name: *nobody\n", "1: not valid YAML: the referenced anchor is not defined\n"},
           {"- name: x\n", "1: the file must be a map of keys, like 'name: master'\n"},
           {"just words\n", "1: the file must be a map of keys, like 'name: master'\n"},
           {"name: x\n---\nname: y\n", "3: a second YAML document; one is allowed\n"}});
}

TEST_CASE("config: a deeply nested file is refused") {
    CHECK_FALSE(parsed(std::string(100'000, '[')).config.has_value());
}

TEST_CASE("config: an empty file lacks everything that is needed") {
    for (const std::string_view text : {"", "# only a comment\n", "---\n"}) {
        CHECK(
            printed(parsed(text).errors) ==
            "1: 'users' needs at least one user; the first one is the node's own identity\n"
            "1: neither 'listen', 'memcached.listen' nor 'master': nobody could reach this node\n");
    }
}

TEST_CASE("config: all mistakes are told at once and in the order of their lines") {
    CHECK(printed(parsed("log:\n"
                         "  level: loud\n"
                         "threads: many\n"
                         "limits: {key: 0, lime: 1}\n"
                         "listen: tls://127.0.0.1:1\n")
                      .errors) ==
          "1: 'users' needs at least one user; the first one is the node's own identity\n"
          "2: 'log.level' is 'loud'; allowed: debug, info, warning, error\n"
          "3: 'threads' is 'many'; allowed: a whole number from 0 to 1024\n"
          "4: unknown key 'lime' in 'limits'; did you mean 'line'? allowed: connections, "
          "unauthenticated, line, "
          "key, output, listens, monitor\n"
          "4: 'limits.key' is '0'; allowed: 1 to 1MiB\n"
          "5: a tls:// listener needs 'tls.certificate' and 'tls.key'\n");
}
