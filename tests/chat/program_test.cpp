#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/chat/chat_programs.hpp"

using namespace clacks::test;

namespace {

const std::string programs[] = {CHAT_FILE, CHAT_BOT_FILE, CHAT_CLOCK_FILE};

}  // namespace

TEST_CASE("program: a node that is not there, or refuses, is named, exit code 3") {
    const NodeProcess node;
    auto stranger = environment_for(node);
    stranger["CLACKS_PASSWORD"] = "wrong";
    const auto nowhere = node.directory() / "nobody.sock";
    for (const auto& program : programs) {
        const std::string name = std::filesystem::path(program).filename();
        CAPTURE(name);
        const Run lost =
            run({program, "--url", "unix://" + nowhere.string()}, environment_for(node));
        CHECK(lost.code == 3);
        CHECK(lost.errors.starts_with(name + ": "));
        CHECK(lost.errors.find(nowhere.string() +
                               ": No such file or directory (is clacksd running there?") !=
              std::string::npos);
        const Run refused = run({program}, stranger);
        CHECK(refused.code == 3);
        CHECK(refused.errors.find(node.unix_url()) != std::string::npos);
        CHECK(refused.errors.find("--password-file") != std::string::npos);
        CHECK(count_of("\n", refused.errors) == 1);
        CHECK(refused.output == "");
    }
}

TEST_CASE("program: a mistake on the command line is told, exit code 2") {
    const Environment user{{"CLACKS_USER", "ann"}, {"CLACKS_PASSWORD", "secret"}};
    struct Row {
        std::vector<std::string> command;
        const char* what;
    };
    const Row table[] = {
        {{CHAT_FILE, "--bogus"}, "--bogus"},
        {{CHAT_FILE, "--url", "http://localhost"}, "'http://localhost' is no URL of a node"},
        {{CHAT_FILE, "--url", "tls://a:b@c"}, "what was given is no URL of a node"},
        {{CHAT_FILE, "--name", "a b"}, "'a b' is no name"},
        {{CHAT_FILE, "--room", "a:b"}, "'a:b' is no name"},
        {{CHAT_FILE, "--password-file", "/nonexistent"}, "/nonexistent"},
        {{CHAT_FILE, "--ca", "ca.crt", "--insecure"}, "excludes"},
        {{CHAT_BOT_FILE, "--name", "?"}, "'?' is no name"},
        {{CHAT_CLOCK_FILE, "--every", "60"}, "--every"},
        {{CHAT_CLOCK_FILE, "--every", "0s"}, "--every"},
    };
    for (const auto& row : table) {
        CAPTURE(row.what);
        const Run mistaken = run(row.command, user);
        CHECK(mistaken.code == 2);
        CHECK(mistaken.errors.find(row.what) != std::string::npos);
        CHECK(mistaken.output == "");
    }
    const Run nobody = run({CHAT_FILE}, {});
    CHECK(nobody.code == 2);
    CHECK(nobody.errors.find("CLACKS_USER") != std::string::npos);
    CHECK(run({CHAT_FILE, "--help"}, {}).code == 0);
}

TEST_CASE("program: the command line is stronger than the environment") {
    const NodeProcess node(
        {.users = "  - {name: ann, password: of-ann}\n  - {name: bob, password: of-bob}\n"});
    const auto run_with = [&](std::vector<std::string> options, const Environment& environment) {
        options.insert(options.begin(), CHAT_FILE);
        return run(options, environment).code;
    };
    const std::string unix_path = node.socket();
    TemporaryDirectory directory;
    const std::string password_file = directory.write("password", "of-ann\n");
    const Environment wrong{{"CLACKS_URL", "unix:///nonexistent"},
                            {"CLACKS_USER", "nobody"},
                            {"CLACKS_PASSWORD", "wrong"}};
    CHECK(run_with({"--url", node.unix_url(), "--user", "ann", "--password-file", password_file},
                   wrong) == 0);
    CHECK(run_with({"--url", "unix://ann@" + unix_path, "--password-file", password_file}, wrong) ==
          0);
    CHECK(run_with(
              {}, {{"CLACKS_URL", "unix://ann@" + unix_path}, {"CLACKS_PASSWORD", "of-ann"}}) == 0);
    CHECK(run_with({}, {{"CLACKS_URL", "unix://ann@" + unix_path},
                        {"CLACKS_USER", "bob"},
                        {"CLACKS_PASSWORD", "of-bob"}}) == 0);
}

TEST_CASE("program: talks over TLS to whom the CA vouches for") {
    const NodeProcess node;
    const auto environment = [&](const std::string& ca) {
        auto result = environment_for(node);
        result["CLACKS_URL"] = node.tls_url();
        if (!ca.empty()) result["CLACKS_CA"] = ca;
        return result;
    };
    const std::string ca = certificates().ca;
    const std::string foreign = foreign_certificates().ca;
    CHECK(run({CHAT_FILE}, environment(ca)).code == 0);
    CHECK(run({CHAT_FILE, "--ca", ca}, environment(foreign)).code == 0);
    CHECK(run({CHAT_FILE}, environment(foreign)).code == 3);
    CHECK(run({CHAT_FILE, "--insecure"}, environment(foreign)).code == 0);
    const Run untrusted = run({CHAT_FILE}, environment(""));
    CHECK(untrusted.code == 3);
    CHECK(untrusted.errors.find("(--ca FILE trusts who signed") != std::string::npos);
}

TEST_CASE("program: a certificate stands for the password, and who needs one is told") {
    const NodeProcess node({.users = "  - {name: ann, certificate: client}\n",
                            .tls = "  client_certificates: require\n"});
    const Environment environment{{"CLACKS_URL", node.tls_url()},
                                  {"CLACKS_USER", "ann"},
                                  {"CLACKS_CA", certificates().ca.string()}};
    CHECK(run({CHAT_FILE, "--cert", client_certificates().certificate.string(), "--key",
               client_certificates().key.string()},
              environment)
              .code == 0);
    const Run without = run({CHAT_FILE}, environment);
    CHECK(without.code == 3);
    CHECK(without.errors.find("--cert FILE and --key FILE") != std::string::npos);
}
