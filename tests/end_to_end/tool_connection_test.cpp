#include <doctest/doctest.h>

#include <string>

#include "tests/end_to_end/tool.hpp"
#include "tests/processes/free_port.hpp"

using namespace clacks::test;

namespace {

Environment with(Environment environment, const std::string& name, const std::string& value) {
    environment[name] = value;
    return environment;
}

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("tool: a wrong use is exit code 2 and says what is right") {
    const NodeProcess node;
    for (const auto& arguments : std::vector<std::vector<std::string>>{
             {},
             {"frobnicate"},
             {"store", "a"},
             {"notify", "two words"},
             {"increment", "a", "many"},
             {"keys", "**::a"},
             {"--url", "http://localhost", "keys"},
             {"--password-file", "/nonexistent/file", "keys"},
         }) {
        const Run run = run_tool(arguments, to_node(node));
        CAPTURE(run.errors);
        CHECK(run.code == 2);
        CHECK(run.output == "");
        CHECK(run.errors.starts_with("clacks: "));
    }
    const Run nobody = run_tool({"keys"}, with(empty_home(), "CLACKS_URL", node.unix_url()));
    CHECK(nobody.code == 2);
}

TEST_CASE("tool: who cannot connect or log in gets exit code 3 and the reason") {
    const NodeProcess node;
    const auto plain = to_node(node);
    const auto over_tls = to_node(node, Way::tls_1_3);
    const std::string nowhere = "tls://127.0.0.1:" + std::to_string(free_port());
    struct Row {
        Environment environment;
        const char* reason;
    };
    for (const Row& row : {
             Row{with(plain, "CLACKS_URL", nowhere), "Connection refused"},
             Row{with(plain, "CLACKS_URL", nowhere), "is clacksd running there?"},
             Row{with(plain, "CLACKS_URL", "unix:///nonexistent.sock"), "No such file"},
             Row{with(plain, "CLACKS_PASSWORD", "wrong"), "does not accept user 'clacks'"},
             Row{with(over_tls, "CLACKS_CA", foreign_certificates().ca.string()),
                 "certificate verify failed"},
             Row{with(over_tls, "CLACKS_CA", ""), "certificate verify failed"},
         }) {
        const Run run = run_tool({"keys"}, row.environment);
        CAPTURE(run.errors);
        CHECK(run.code == 3);
        CHECK(contains(run.errors, row.reason));
        CHECK(count_of("\n", run.errors) == 1);
    }
    CHECK(run_tool({"--insecure", "keys"}, with(over_tls, "CLACKS_CA", "")).code == 0);
}

TEST_CASE("tool: unix:/path is a URL, too") {
    const NodeProcess node;
    const auto environment = with(to_node(node), "CLACKS_URL", "unix:" + node.socket());
    CHECK(run_tool({"keys"}, environment).code == 0);
}

TEST_CASE("tool: what the node refuses is exit code 4") {
    const NodeProcess node({.more = "limits: {key: 8}\n",
                            .users = "  - {name: reader, password: r, permissions: [read]}\n"});
    auto reader = with(with(to_node(node), "CLACKS_USER", "reader"), "CLACKS_PASSWORD", "r");
    for (const char* verb : {"notify", "remove", "increment"}) {
        const Run run = run_tool({verb, "a"}, reader);
        CHECK(run.code == 4);
        CHECK(contains(run.errors, "permission denied to user 'reader'"));
    }
    CHECK(run_tool({"clear"}, reader).code == 4);
    CHECK(run_tool({"monitor"}, reader).code == 4);
    CHECK(run_tool({"keys"}, reader).code == 0);
    const Run run = run_tool({"store", "123456789", "1"}, to_node(node));
    CHECK(run.code == 4);
    CHECK(contains(run.errors, "limits.key"));
}

TEST_CASE("tool: options win over the environment, and that over client.yaml") {
    const NodeProcess node({.users = "  - {name: other, password: o}\n"});
    const TemporaryDirectory home;
    const std::string secret = home.write("secret", "o\nnot this\n").string();
    std::filesystem::create_directory(home.path() / "clacks");
    const auto file =
        home.write("clacks/client.yaml", "url: " + node.tls_url() + "\nuser: clacks\n" +
                                             "password: " + main_password +
                                             "\nca: " + certificates().ca.string() + "\n");
    for (const auto& private_file : {file, home.path() / "secret"}) {
        std::filesystem::permissions(private_file, std::filesystem::perms(0600));
    }
    const Environment only_file{{"XDG_CONFIG_HOME", home.path().string()}};
    CHECK(run_tool({"store", "a", "1"}, only_file).code == 0);
    const auto wrong = with(only_file, "CLACKS_PASSWORD", "wrong");
    CHECK(run_tool({"keys"}, wrong).code == 3);
    const Run run = run_tool(
        {"--user", "other", "--password-file", secret, "--url", node.unix_url(), "keys"}, wrong);
    CHECK(run.output == "a\n");
    CHECK(run.errors == "");
    node.wait_for("user=other");
}
