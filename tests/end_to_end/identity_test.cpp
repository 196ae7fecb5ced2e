#include <doctest/doctest.h>

#include <csignal>
#include <string>

#include "client/password.hpp"
#include "tests/end_to_end/tool.hpp"
#include "tests/processes/node_process.hpp"

using namespace clacks::test;

namespace {

TlsOptions with(const clacks::tool::CertificateFiles& files) {
    return {.certificate = files.certificate.string(), .key = files.key.string()};
}

/// How a login ends: the last line that comes.
std::string log_in(LineClient client, std::string_view user, std::string_view password) {
    client.say(LineClient::login_lines(user, password) + "QUIT");
    const std::string all = client.lines_until_closed();
    const auto begin = all.rfind('\n', all.size() - 2) + 1;
    return all.substr(begin, all.size() - begin - 1);
}

constexpr const char* welcome = "OVERHEAD O Welcome!";
constexpr const char* failed = "OVERHEAD F Login failed!";

}  // namespace

TEST_CASE("identity: a hashed password is as good as one in plain text") {
    const std::string hash = clacks::hash_password(
        "s\xc3\xa4"
        "cret");
    const NodeProcess node({.users = "  - {name: hashed, password: \"" + hash + "\"}\n"});
    for (const Way way : every_way) {
        CAPTURE(to_string(way));
        CHECK(log_in(node.connect(way), "hashed",
                     "s\xc3\xa4"
                     "cret") == welcome);
    }
    CHECK(log_in(node.connect(), "hashed", "secret") == failed);
    CHECK(log_in(node.connect(), "hashed", hash) == failed);
    CHECK(log_in(node.connect(), "hashed", "") == failed);
    CHECK(log_in(node.connect(), main_user, main_password) == welcome);
}

TEST_CASE("identity: a certificate stands for the password of the user it belongs to") {
    const NodeProcess node({.users = "  - {name: sensor, certificate: client}\n"
                                     "  - {name: both, password: b, certificate: client}\n"
                                     "  - {name: other, certificate: someone.else}\n"
                                     "  - {name: plain, password: p}\n",
                            .tls = "  client_certificates: request\n"});
    const TlsOptions ours = with(client_certificates());
    for (const Way way : {Way::tls_1_2, Way::tls_1_3}) {
        CAPTURE(to_string(way));
        CHECK(log_in(node.connect(way, ours), "sensor", "") == welcome);
        CHECK(log_in(node.connect(way, ours), "sensor", "whatever") == welcome);
        CHECK(log_in(node.connect(way, ours), "both", "") == welcome);
        CHECK(log_in(node.connect(way, ours), "plain", "p") == welcome);
        CHECK(log_in(node.connect(way), "both", "b") == welcome);
    }
    CHECK(log_in(node.connect(Way::unix_socket), "both", "b") == welcome);
}

TEST_CASE("identity: without its certificate nobody is taken for a user who has no password") {
    const NodeProcess node({.users = "  - {name: sensor, certificate: client}\n"
                                     "  - {name: other, certificate: someone.else}\n"
                                     "  - {name: plain, password: p}\n",
                            .tls = "  client_certificates: request\n"});
    CHECK(log_in(node.connect(Way::unix_socket), "sensor", "") == failed);
    CHECK(log_in(node.connect(Way::unix_socket), "sensor", "client") == failed);
    CHECK(log_in(node.connect(Way::tls_1_3), "sensor", "") == failed);
    const TlsOptions ours = with(client_certificates());
    CHECK(log_in(node.connect(Way::tls_1_3, ours), "other", "") == failed);
    CHECK(log_in(node.connect(Way::tls_1_2, ours), "plain", "") == failed);
}

TEST_CASE("identity: the tool logs in with a certificate instead of a password") {
    const NodeProcess node({.users = "  - {name: sensor, certificate: client}\n",
                            .tls = "  client_certificates: require\n"});
    Environment environment = to_node(node, Way::tls_1_3);
    environment["CLACKS_USER"] = "sensor";
    environment.erase("CLACKS_PASSWORD");
    const std::string certificate = client_certificates().certificate.string();
    const std::string key = client_certificates().key.string();
    CHECK(run_tool({"--cert", certificate, "--key", key, "store", "a", "1"}, environment).code ==
          0);
    CHECK(run_tool({"--cert", certificate, "--key", key, "retrieve", "a"}, environment).output ==
          "1\n");

    const TemporaryDirectory home;
    std::filesystem::create_directory(home.path() / "clacks");
    home.write("clacks/client.yaml", "certificate: " + certificate + "\nkey: " + key + "\n");
    environment["XDG_CONFIG_HOME"] = home.path().string();
    CHECK(run_tool({"retrieve", "a"}, environment).output == "1\n");
}

TEST_CASE("identity: whoever needs a certificate and shows none, or a wrong one, is told") {
    for (const char* version : {"1.2", "1.3"}) {
        CAPTURE(version);
        const NodeProcess node(
            {.tls = std::string("  client_certificates: require\n  minimum_version: \"") + version +
                    "\"\n"});
        const Environment environment = to_node(node, Way::tls_1_3);
        for (int i = 0; i < 20; ++i) {  // the refusal and our first lines cross on the way
            const Run run = run_tool({"keys"}, environment);
            CAPTURE(run.errors);
            CHECK(run.code == 3);
            CHECK(run.errors.find("--cert FILE and --key FILE") != std::string::npos);
        }
        const auto& foreign = foreign_certificates();
        const Run untrusted = run_tool(
            {"--cert", foreign.certificate.string(), "--key", foreign.key.string(), "keys"},
            environment);
        CAPTURE(untrusted.errors);
        CHECK(untrusted.code == 3);
        CHECK(untrusted.errors.find("does not trust the certificate of --cert") !=
              std::string::npos);
        const Run mixed = run_tool({"--cert", foreign.certificate.string(), "--key",
                                    client_certificates().key.string(), "keys"},
                                   environment);
        CAPTURE(mixed.errors);
        CHECK(mixed.code == 2);
        CHECK(mixed.errors.find("(--cert wants a certificate and --key the key") !=
              std::string::npos);
    }
}
