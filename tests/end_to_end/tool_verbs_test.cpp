#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>

#include "tests/end_to_end/tool.hpp"
#include "tests/end_to_end/tree.hpp"
#include "tests/processes/patience.hpp"

using namespace clacks::test;
using namespace std::string_literals;

namespace {

template <class Condition>
void wait_until(Condition holds) {
    const auto deadline = deadline_from_now();
    while (!holds())
        if (milliseconds_until(deadline) == 0) throw std::runtime_error("it never comes true");
}

}  // namespace

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
                 Row{{"increment", "n", "2.5"}, "2.5\n"},
                 Row{{"increment", "n"}, "3.5\n"},
                 Row{{"decrement", "n", "3"}, "0.5\n"},
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

TEST_CASE("tool: values with an end, conditions and answers") {
    const NodeProcess node;
    const auto environment = to_node(node, Way::tls_1_3);
    const auto output = [&](const std::vector<std::string>& arguments) {
        Run run = run_tool(arguments, environment);
        CAPTURE(run.errors);
        CHECK(run.code == 0);
        return run.output;
    };
    const auto code = [&](const std::vector<std::string>& arguments) {
        return run_tool(arguments, environment).code;
    };
    output({"store", "a", "1", "--for", "1h"});
    CHECK(output({"ttl", "a"}).starts_with("3599."));
    output({"expire", "a", "never"});
    CHECK(output({"ttl", "a"}) == "never\n");
    output({"expire", "a", "1ms"});
    wait_until([&] { return code({"exists", "a"}) == 1; });
    CHECK(code({"ttl", "a"}) == 1);

    std::string version = output({"store", "b", "1", "--if", "absent"});
    version.pop_back();
    CHECK(code({"store", "b", "2", "--if", "absent"}) == 1);
    CHECK(output({"retrieve", "b", "--version"}) == version + " 1\n");
    output({"store", "b", "2", "--if", "version:" + version, "--for", "1h"});
    CHECK(code({"store", "b", "3", "--if", "version:" + version}) == 1);
    CHECK(code({"remove", "b", "--if-version", version}) == 1);
    CHECK(output({"retrieve", "b"}) == "2\n");

    CHECK(output({"increment", "n", "2.5", "--print"}) == "2.5\n");
    CHECK(output({"decrement", "n", "--print"}) == "1.5\n");
    CHECK(output({"retrieve", "b", "n"}) == "b=2\nn=1.5\n");
    CHECK(code({"retrieve", "b", "a"}) == 1);
}

TEST_CASE("tool: keys and structures as Perl's cache client writes and reads them") {
    const NodeProcess node;
    auto perl = node.log_in();
    perl.ask("STORE a___b___c=PAGECAMELCLACKSYAMLB64: LS0tIAphbnN3ZXI6IDQyCg==");
    CHECK(run_tool({"retrieve", "a b=c", "--cache-key", "--raw"}, to_node(node)).output ==
          "--- \nanswer: 42\n");
    CHECK(run_tool({"store", "y", "-", "--yaml"}, to_node(node), "answer: 42\n").code == 0);
    CHECK(perl.ask("RETRIEVE y") == "RETRIEVED y=PAGECAMELCLACKSYAMLB64:YW5zd2VyOiA0Mgo=\n");
}

TEST_CASE("tool: thousands of keys are listed whole, picked and page by page") {
    const NodeProcess node;
    auto client = node.log_in();
    constexpr int count = 25'000;  // more than the library asks for at once
    std::string stores;
    std::string all;
    for (int i = 0; i < count; ++i) {
        const std::string key = "k" + std::to_string(100'000 + i) + "::v";
        stores += "STORE " + key + "=1\n";
        all += key + '\n';
    }
    client.ask(stores + "STORE other=1");
    const auto environment = to_node(node, Way::tls_1_3);
    const Run whole = run_tool({"keys"}, environment);
    CHECK(whole.output == all + "other\n");
    CHECK(whole.errors == "");
    CHECK(run_tool({"keys", "k*::v"}, environment).output == all);
    CHECK(run_tool({"keys", "k10000?::v"}, environment).output == "");
    CHECK(run_tool({"keys", "k10000*::*"}, environment).output.size() == 10 * 11);

    std::set<std::string> seen;
    std::vector<std::string> arguments{"keys", "k*::*", "--limit", "12000"};
    for (int pages = 1;; ++pages) {
        const Run page = run_tool(arguments, environment);
        std::istringstream keys(page.output);
        std::string last;
        for (std::string key; std::getline(keys, key); last = key) CHECK(seen.insert(key).second);
        if (page.errors.empty()) {
            CHECK(pages == 3);
            break;
        }
        arguments = {"keys", "k*::*", "--limit", "12000", "--after", last};
    }
    CHECK(seen.size() == count);
}

TEST_CASE("tool: the tree, its nodes and their clients") {
    const Tree tree;
    const auto environment = to_node(tree.slave);
    auto client = tree.slave.log_in();
    const Run status = run_tool({"status"}, environment);
    CHECK(status.output.starts_with("name=slave\nid="));
    CHECK(count_of("\nlinks=2\n", status.output) == 1);

    const auto whole = [&] {
        const Run drawn = run_tool({"tree"}, environment);
        CHECK(drawn.code == 0);
        return drawn.output;
    };
    // The nodes tell each other of themselves when they have linked.
    wait_until([&] { return count_of("clacksd", whole()) == 5; });
    const std::string drawn = whole();
    CAPTURE(drawn);
    CHECK(drawn.starts_with("master: clacksd"));
    CHECK(drawn.find("\n└─ slave (this node): clacksd") != std::string::npos);
    CHECK(drawn.find("\n   └─ leaf: clacksd") != std::string::npos);
    CHECK(drawn.find("\n  master, the master, at ") != std::string::npos);
    CHECK(drawn.find("\n  leaf, a slave, at ") != std::string::npos);
    CHECK(count_of("\n", run_tool({"tree", "--json"}, environment).output) == 5);

    client.say("CLACKS the victim");
    client.flush();
    std::istringstream clients(run_tool({"clients"}, environment).output);
    std::string id;
    for (std::string line; std::getline(clients, line);)
        if (line.ends_with(" the victim")) id = line.substr(0, line.find(' '));
    CHECK(run_tool({"disconnect", id}, environment).code == 0);
    CHECK(client.lines_until_closed().ends_with("QUIT\n"));
    CHECK(run_tool({"disconnect", id}, environment).code == 1);
}

TEST_CASE("tool: listen takes patterns, and with --current begins with what is stored") {
    const NodeProcess node;
    auto client = node.log_in();
    client.ask("STORE light=on");
    Process listening(tool_command({"listen", "light", "--current", "--count", "2"}),
                      to_node(node));
    listening.wait_for("clacks: listening\n");
    Process matching(tool_command({"listen", "a::*", "--count", "1"}), to_node(node));
    matching.wait_for("clacks: listening\n");
    client.ask("SETANDSTORE light=off\nSET a::b::c=1\nSET a::b=2");
    CHECK(listening.wait() == 0);
    CHECK(listening.output() == "light=on\nlight=off\n");
    CHECK(matching.wait() == 0);
    CHECK(matching.output() == "a::b=2\n");
}

TEST_CASE("tool: monitor shows what it was asked for") {
    const NodeProcess node;
    Process monitoring(tool_command({"monitor", "--name", "config::**", "--command", "STORE,REMOVE",
                                     "--count", "2"}),
                       to_node(node));
    monitoring.wait_for("clacks: monitoring\n");
    auto client = node.log_in();
    client.ask("STORE config::a=1\nSTORE other=1\nSET config::a=2\nREMOVE config::a");
    CHECK(monitoring.wait() == 0);
    const std::string output = monitoring.output();
    CHECK(output.find(" STORE config::a=1\n") != std::string::npos);
    CHECK(output.ends_with(" REMOVE config::a\n"));
}

TEST_CASE("tool: signals that come together are printed together") {
    const NodeProcess node;
    Process listening(tool_command({"listen", "many"}), to_node(node));
    listening.wait_for("clacks: listening\n");
    constexpr int count = 2000;
    std::string lines;
    for (int i = 1; i <= count; ++i) lines += "SET many=" + std::to_string(i) + "\n";
    node.log_in().ask(lines + "NOP");
    const std::string last = "many=" + std::to_string(count) + "\n";
    const auto deadline = deadline_from_now();
    while (!listening.output().ends_with(last)) {
        REQUIRE(std::chrono::steady_clock::now() < deadline);
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    std::ifstream io("/proc/" + std::to_string(listening.pid()) + "/io");
    int writes = 0;
    for (std::string name; io >> name && name != "syscw:";) io >> writes;
    REQUIRE(static_cast<bool>(io >> writes));
    CHECK(writes < count / 2);
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
