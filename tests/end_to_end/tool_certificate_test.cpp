#include <doctest/doctest.h>

#include <string>

#include "tests/end_to_end/tool.hpp"
#include "tests/end_to_end/tree.hpp"

using namespace clacks::test;

namespace {

clacks::tool::CertificateFiles files_in(const std::filesystem::path& directory,
                                        const std::string& stem) {
    return {directory / "ca.crt", directory / (stem + ".crt"), directory / (stem + ".key")};
}

}  // namespace

TEST_CASE("tool: what `clacks certificate` makes serves a tree, its clients and the tool") {
    const TemporaryDirectory directory;
    const std::string out = (directory.path() / "made").string();
    const Run made = run_tool({"certificate", "--out", out}, empty_home());
    CHECK(made.code == 0);
    CHECK(made.output == "ca=" + out + "/ca.crt\ncertificate=" + out + "/server.crt\nkey=" + out +
                             "/server.key\n");
    const auto server = files_in(out, "server");
    CHECK(run_tool({"certificate", "--out", out, "--client", "me"}, empty_home()).code == 0);
    const auto client = files_in(out, "me");

    const NodeProcess master({.name = "master", .identity = server});
    NodeConfig config = below("tls://localhost:" + std::to_string(master.port()), "slave");
    config.identity = server;
    config.tls = "  client_certificates: require\n";
    const NodeProcess slave(config);
    slave.wait_for("link_synced");

    auto with_certificate = slave.connect(Way::tls_1_2, {.ca = server.ca.string(),
                                                         .certificate = client.certificate.string(),
                                                         .key = client.key.string()});
    with_certificate.log_in(main_user, main_password);
    with_certificate.ask("STORE a=1");
    auto environment = to_node(master, Way::tls_1_3);
    environment["CLACKS_CA"] = server.ca.string();
    auto at_master = LineClient(Stream::to_unix(master.socket()));
    at_master.log_in(main_user, main_password);
    settle(with_certificate, at_master);
    CHECK(run_tool({"retrieve", "a"}, environment).output == "1\n");
    environment["CLACKS_URL"] = "tls://clacks@localhost:" + std::to_string(master.port());
    CHECK(run_tool({"retrieve", "a"}, environment).output == "1\n");
}

TEST_CASE("tool: `clacks certificate` never overwrites by itself, and keeps keys private") {
    const TemporaryDirectory directory;
    const std::string out = directory.path().string();
    CHECK(run_tool({"certificate", "--out", out}, empty_home()).code == 0);
    const std::string before = contents(directory.path() / "server.key");
    const Run again = run_tool({"certificate", "--out", out}, empty_home());
    CHECK(again.code == 2);
    CHECK(again.errors.find("server.crt exists already") != std::string::npos);
    CHECK(contents(directory.path() / "server.key") == before);
    CHECK(run_tool({"certificate", "--out", out, "--force"}, empty_home()).code == 0);
    CHECK(contents(directory.path() / "server.key") != before);
    for (const char* key : {"ca.key", "server.key"}) {
        const auto permissions = std::filesystem::status(directory.path() / key).permissions();
        CHECK(permissions == std::filesystem::perms(0600));
    }
}
