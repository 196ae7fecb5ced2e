#include <doctest/doctest.h>

#include <csignal>
#include <string>

#include "tests/end_to_end/tool.hpp"

using namespace clacks::test;
using namespace std::string_literals;

TEST_CASE("tool: the verbs of the store, over a unix socket and TLS") {
    const NodeProcess node;
    for (const Way way : {Way::unix_socket, Way::tls_1_3}) {
        CAPTURE(to_string(way));
        const auto environment = to_node(node, way);
        struct Row {
            std::vector<std::string> arguments;
            std::string output = "";
            int code = 0;
        };
        for (const Row& row : {
                 Row{{"retrieve", "a::b"}, "", 1},
                 Row{{"store", "a::b", "1=2"}},
                 Row{{"retrieve", "a::b"}, "1=2\n"},
                 Row{{"store", "a::c", ""}},
                 Row{{"retrieve", "a::c", "--raw"}},
                 Row{{"increment", "n", "2.5"}},
                 Row{{"increment", "n"}},
                 Row{{"decrement", "n", "3"}},
                 Row{{"retrieve", "n"}, "0.5\n"},
                 Row{{"setandstore", "z", "last"}},
                 Row{{"keys"}, "a::b\na::c\nn\nz\n"},
                 Row{{"keys", "a::*"}, "a::b\na::c\n"},
                 Row{{"keys", "a::**", "--json"}, "{\"name\":\"a::b\"}\n{\"name\":\"a::c\"}\n"},
                 Row{{"remove", "a::c"}},
                 Row{{"retrieve", "a::c", "--json"}, "{\"name\":\"a::c\",\"value\":null}\n", 1},
                 Row{{"retrieve", "z", "--json"}, "{\"name\":\"z\",\"value\":\"last\"}\n"},
                 Row{{"clear"}},
                 Row{{"keys"}},
             }) {
            const Run run = run_tool(row.arguments, environment);
            CAPTURE(row.arguments.front());
            CAPTURE(run.errors);
            CHECK(run.output == row.output);
            CHECK(run.code == row.code);
        }
    }
}

TEST_CASE("tool: any bytes go in by standard input and come out as they were") {
    const NodeProcess node;
    const auto environment = to_node(node, Way::tls_1_3);
    std::string value = "two\nlines\r\n\0\xff ="s;
    while (value.size() < (1U << 20U)) value += value;
    const Run stored = run_tool({"store", "big", "-"}, environment, value);
    CAPTURE(stored.errors);
    CHECK(stored.code == 0);
    CHECK(run_tool({"retrieve", "big", "--raw"}, environment).output == value);
    CHECK(node.log_in().ask("RETRIEVE big").starts_with("RETRIEVED big=PAGECAMELCLACKSB64:dHdv"));
}

TEST_CASE("tool: listen prints the signals of notify, set and setandstore, and ends by count") {
    const NodeProcess node;
    for (const bool json : {false, true}) {
        std::vector<std::string> arguments{"listen", "a::b", "c", "--count", "4"};
        if (json) arguments.push_back("--json");
        Process listening(tool_command(arguments), to_node(node, Way::tls_1_3));
        listening.wait_for("clacks: listening\n");
        for (const auto& signal :
             std::vector<std::vector<std::string>>{{"notify", "a::b"},
                                                   {"set", "c", "1=2"},
                                                   {"notify", "unheard"},
                                                   {"setandstore", "c", ""},
                                                   {"set", "a::b", "two\nlines"}}) {
            CHECK(run_tool(signal, to_node(node)).code == 0);
        }
        CHECK(listening.wait() == 0);
        CHECK(listening.output() ==
              (json ? "{\"verb\":\"NOTIFY\",\"name\":\"a::b\"}\n"
                      "{\"verb\":\"SET\",\"name\":\"c\",\"value\":\"1=2\"}\n"
                      "{\"verb\":\"SET\",\"name\":\"c\",\"value\":\"\"}\n"
                      "{\"verb\":\"SET\",\"name\":\"a::b\",\"value\":\"two\\nlines\"}\n"
                    : "a::b\nc=1=2\nc=\na::b=two\\nlines\n"));
    }
}

TEST_CASE("tool: monitor prints who sent what") {
    const NodeProcess node;
    // Its own two lines are mirrored, too.
    Process monitoring(tool_command({"monitor", "--count", "4", "--json"}), to_node(node));
    monitoring.wait_for("clacks: monitoring\n");
    auto client = node.log_in();
    client.say("SET a=1");
    CHECK(monitoring.wait() == 0);
    const std::string output = monitoring.output();
    CAPTURE(output);
    CHECK(output.starts_with("{\"from\":\"unixdomainsocket:"));
    CHECK(output.find("\n{\"from\":\"CONNECTED\",\"line\":\"unix") != std::string::npos);
    CHECK(output.ends_with("\",\"line\":\"SET a=1\"}\n"));
}

TEST_CASE("tool: Ctrl-C ends listen with 0, and the node sees it go") {
    const NodeProcess node;
    Process listening(tool_command({"listen", "a"}), to_node(node));
    listening.wait_for("clacks: listening\n");
    listening.signal(SIGINT);
    CHECK(listening.wait() == 0);
    node.wait_for("info disconnected");
}

TEST_CASE("tool: listen survives a restart of its node and says so") {
    NodeProcess node;
    Process listening(tool_command({"listen", "a", "--count", "2"}), to_node(node, Way::tls_1_3));
    listening.wait_for("clacks: listening\n");
    CHECK(run_tool({"set", "a", "1"}, to_node(node)).code == 0);
    node.kill();
    listening.wait_for("connection lost");
    node.start();
    listening.wait_for("connected again");
    CHECK(run_tool({"set", "a", "2"}, to_node(node)).code == 0);
    CHECK(listening.wait() == 0);
    CHECK(listening.output() == "a=1\na=2\n");
}
