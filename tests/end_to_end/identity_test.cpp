#include <doctest/doctest.h>

#include <csignal>
#include <string>

#include "client/password.hpp"
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
