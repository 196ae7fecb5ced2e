#include "client/tool/verb.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <atomic>
#include <csignal>

#include "tests/client_tool/run_tool.hpp"
#include "tests/client_tool/scripted_node.hpp"

using namespace std::string_literals;

namespace {

/// Answers lines that begin with `begin`.
ScriptedNode::Script answering(std::string begin, std::string answer) {
    return [=](const std::string& line) { return line.starts_with(begin) ? answer : ""; };
}

}  // namespace

TEST_CASE("verbs: a command is one line, executed before the tool ends, and prints nothing") {
    struct Row {
        std::vector<const char*> arguments;
        std::string line;
    };
    for (const Row& row : {
             Row{{"notify", "a::b"}, "NOTIFY a::b"},
             Row{{"set", "a", "1=2"}, "SET a=1=2"},
             Row{{"set", "a", ""}, "SET a="},
             Row{{"set", "keys", "clear"}, "SET keys=clear"},
             Row{{"set", "a", "[1,2]"}, "SET a=[1,2]"},
             Row{{"set", "a", "\"quoted\" 'text'"}, "SET a=\"quoted\" 'text'"},
             Row{{"set", "a", "--", "-v"}, "SET a=-v"},
             Row{{"set", "a", "two\nlines"}, "SET a=PAGECAMELCLACKSB64:dHdvCmxpbmVz"},
             Row{{"setandstore", "a", "1"}, "SETANDSTORE a=1"},
             Row{{"store", "a", "1"}, "STORE a=1"},
             Row{{"remove", "a"}, "REMOVE a"},
             Row{{"increment", "a", "-2.5"}, "INCREMENT a=-2.5"},
             Row{{"decrement", "a", "3"}, "DECREMENT a=3"},
             Row{{"clear"}, "CLEARCACHE"},
         }) {
        CAPTURE(row.line);
        ScriptedNode node;
        const ToolRun run = run_tool(row.arguments, node.environment());
        CHECK(run.code == 0);
        CHECK(run.data.empty());
        CHECK(run.talk.empty());
        CHECK(node.lines() == std::vector<std::string>{row.line});
    }
}

TEST_CASE("verbs: with --json every command that is done is one object") {
    struct Row {
        std::vector<const char*> arguments;
        std::string data;
    };
    for (const Row& row : {
             Row{{"notify", "a"}, "{\"name\":\"a\",\"done\":true}\n"},
             Row{{"set", "a", "1"}, "{\"name\":\"a\",\"done\":true}\n"},
             Row{{"setandstore", "a", "1"}, "{\"name\":\"a\",\"done\":true}\n"},
             Row{{"store", "a", "1"}, "{\"name\":\"a\",\"done\":true}\n"},
             Row{{"remove", "a"}, "{\"name\":\"a\",\"done\":true}\n"},
             Row{{"increment", "a"}, "{\"name\":\"a\",\"value\":null}\n"},
             Row{{"clear"}, "{\"done\":true}\n"},
         }) {
        CAPTURE(row.data);
        ScriptedNode node;
        auto arguments = row.arguments;
        arguments.push_back("--json");
        const ToolRun run = run_tool(arguments, node.environment());
        CHECK(run.code == 0);
        CHECK(run.data == row.data);
    }
}

TEST_CASE("verbs: a star beside other characters is warned of, and listened to all the same") {
    ScriptedNode node(answering("FLUSH", "NOTIFY sens*\r\n"));
    const ToolRun run = run_tool({"listen", "sens*", "--count", "1"}, node.environment());
    CHECK(run.code == 0);
    CHECK(run.talk.starts_with("clacks: warning: a star in 'sens*' is a character like others"));
    CHECK(node.lines() == std::vector<std::string>{"LISTEN sens*"});
}

TEST_CASE("verbs: the value '-' is standard input, byte for byte") {
    ScriptedNode node;
    CHECK(run_tool({"store", "a", "-"}, node.environment(), "bytes\0\n"s).code == 0);
    CHECK(run_tool({"store", "b", "-"}, node.environment(), "").code == 0);
    CHECK(node.lines() ==
          std::vector<std::string>{"STORE a=PAGECAMELCLACKSB64:Ynl0ZXMACg==", "STORE b="});
}

TEST_CASE("verbs: a refusal is exit code 4 and says who refused whom") {
    ScriptedNode denying(answering("STORE", "OVERHEAD E permission_denied\r\n"));
    const ToolRun denied = run_tool({"store", "a", "1"}, denying.environment());
    CHECK(denied.code == 4);
    CHECK(denied.talk.find("node.sock refused: permission denied to user 'me'") !=
          std::string::npos);

    ScriptedNode ignorant(answering("NOTIFY", "OVERHEAD E unknown_command NOTIFY a\r\n"));
    const ToolRun unknown = run_tool({"notify", "a"}, ignorant.environment());
    CHECK(unknown.code == 4);
    CHECK(unknown.talk.find("unknown_command NOTIFY a") != std::string::npos);

    ScriptedNode silent(answering("LISTEN", "OVERHEAD E permission_denied\r\n"));
    const ToolRun deaf = run_tool({"listen", "a"}, silent.environment());
    CHECK(deaf.code == 4);
    CHECK(deaf.talk.find("clacks: listening") == std::string::npos);
    CHECK(deaf.talk.find("for listening to 'a'") != std::string::npos);

    ScriptedNode choosy(answering("LISTEN b", "OVERHEAD E permission_denied\r\n"));
    const ToolRun half_deaf = run_tool({"listen", "a", "b", "c"}, choosy.environment());
    CHECK(half_deaf.code == 4);
    CHECK(half_deaf.talk.find("for listening to 'b'") != std::string::npos);
}

TEST_CASE("verbs: a failed login and a lost connection are exit code 3") {
    ScriptedNode strict(answering("OVERHEAD A", "OVERHEAD F Login failed!\r\n"));
    const ToolRun stranger = run_tool({"keys"}, strict.environment());
    CHECK(stranger.code == 3);
    CHECK(stranger.talk.find("does not accept user 'me'") != std::string::npos);

    ScriptedNode brief(answering("STORE", ScriptedNode::drop));
    const ToolRun lost = run_tool({"store", "a", "1"}, brief.environment());
    CHECK(lost.code == 3);
    CHECK(lost.talk.find("is not known") != std::string::npos);
}

TEST_CASE("verbs: a name that cannot be sent is a usage error") {
    ScriptedNode node;
    CHECK(run_tool({"notify", "a b"}, node.environment()).code == 2);
    CHECK(run_tool({"increment", "a", "many"}, node.environment()).code == 2);
    CHECK(node.lines().empty());
}

TEST_CASE("verbs: retrieve prints the value's bytes") {
    ScriptedNode node([](const std::string& line) -> std::string {
        if (line == "RETRIEVE text") return "RETRIEVED text=a=b\r\n";
        if (line == "RETRIEVE bytes") return "RETRIEVED bytes=PAGECAMELCLACKSB64:AP8KCg==\r\n";
        if (line.starts_with("RETRIEVE ")) return "NOT" + ("RETRIEVED " + line.substr(9)) + "\r\n";
        return "";
    });
    struct Row {
        std::vector<const char*> arguments;
        std::string data;
        int code;
    };
    for (const Row& row : {
             Row{{"retrieve", "text"}, "a=b\n", 0},
             Row{{"retrieve", "text", "--raw"}, "a=b", 0},
             Row{{"retrieve", "text", "--json"}, "{\"name\":\"text\",\"value\":\"a=b\"}\n", 0},
             Row{{"retrieve", "bytes", "--raw"}, "\0\xff\n\n"s, 0},
             Row{{"retrieve", "bytes", "--json"},
                 "{\"name\":\"bytes\",\"value_base64\":\"AP8KCg==\"}\n",
                 0},
             Row{{"retrieve", "none"}, "", 1},
             Row{{"retrieve", "none", "--json"}, "{\"name\":\"none\",\"value\":null}\n", 1},
         }) {
        CAPTURE(row.data);
        const ToolRun run = run_tool(row.arguments, node.environment());
        CHECK(run.code == row.code);
        CHECK(run.data == row.data);
    }
    CHECK(run_tool({"retrieve", "none"}, node.environment()).talk == "clacks: no such key: none\n");
}

TEST_CASE("verbs: keys prints those that fit the pattern") {
    ScriptedNode node(answering(
        "KEYLIST",
        "KEYLISTSTART\r\nKEY a\r\nKEY a::b\r\nKEY a::b::c\r\nKEY \x1b\r\nKEYLISTEND\r\n"));
    struct Row {
        std::vector<const char*> arguments;
        std::string data;
    };
    for (const Row& row : {
             Row{{"keys"}, "\\x1b\na\na::b\na::b::c\n"},
             Row{{"keys", "a::*"}, "a::b\n"},
             Row{{"keys", "a::**", "--json"}, "{\"name\":\"a::b\"}\n{\"name\":\"a::b::c\"}\n"},
             Row{{"keys", "z"}, ""},
         }) {
        CAPTURE(row.data);
        const ToolRun run = run_tool(row.arguments, node.environment());
        CHECK(run.code == 0);
        CHECK(run.data == row.data);
    }
}

TEST_CASE("verbs: listen says when it listens, and prints a line per signal") {
    ScriptedNode node(
        answering("FLUSH", "SET a=1=2\r\nNOTIFY b\r\nSET a=PAGECAMELCLACKSB64:dHdvCmxpbmVz\r\n"));
    const ToolRun text = run_tool({"listen", "a", "b", "--count", "3"}, node.environment());
    CHECK(text.code == 0);
    CHECK(text.talk == "clacks: listening\n");
    CHECK(text.data == "a=1=2\nb\na=two\\nlines\n");
    CHECK(node.lines() == std::vector<std::string>{"LISTEN a", "LISTEN b"});

    const ToolRun json =
        run_tool({"--json", "listen", "a", "b", "--count", "2"}, node.environment());
    CHECK(json.data ==
          "{\"verb\":\"SET\",\"name\":\"a\",\"value\":\"1=2\"}\n"
          "{\"verb\":\"NOTIFY\",\"name\":\"b\"}\n");
}

TEST_CASE("verbs: listen tells what the node has left out, and with --json as an object") {
    ScriptedNode node(answering("FLUSH", "SET a=1\r\nGAP a 12\r\nGAP ** 3\r\nSET a=14\r\n"));
    const ToolRun text = run_tool({"listen", "a", "--count", "2"}, node.environment());
    CHECK(text.code == 0);
    CHECK(text.data == "a=1\na=14\n");
    CHECK(text.talk ==
          "clacks: listening\n"
          "clacks: 12 signals of 'a' missed: they came faster than they were read here\n"
          "clacks: 3 signals of further names missed: they came faster than they were read here\n");

    const ToolRun json = run_tool({"--json", "listen", "a", "--count", "2"}, node.environment());
    CHECK(json.data ==
          "{\"verb\":\"SET\",\"name\":\"a\",\"value\":\"1\"}\n"
          "{\"verb\":\"GAP\",\"name\":\"a\",\"count\":12}\n");
}

TEST_CASE("verbs: listen survives the loss of its node and says so") {
    std::atomic<int> listens = 0;
    ScriptedNode node([&](const std::string& line) -> std::string {
        if (line == "LISTEN a" && ++listens > 1) return "SET a=second\r\n";
        if (line.starts_with("FLUSH") && listens == 1) return "SET a=first\r\nQUIT\r\n";
        return "";
    });
    const ToolRun run = run_tool({"listen", "a", "--count", "2"}, node.environment());
    CHECK(run.code == 0);
    CHECK(run.data == "a=first\na=second\n");
    CHECK(run.talk.find("clacks: connection lost") != std::string::npos);
}

TEST_CASE("verbs: with --json what was lost with a connection is missed where it is missing") {
    for (const bool monitor : {false, true}) {
        const std::string request = monitor ? "MONITOR" : "LISTEN a";
        const std::string line = monitor ? "DEBUG 1:1:1=SET a=1\r\n" : "SET a=1\r\n";
        std::atomic<int> requests = 0;
        ScriptedNode node([&](const std::string& said) -> std::string {
            if (said == request && ++requests > 1) return line;
            if (said.starts_with("FLUSH") && requests == 1) return line + "QUIT\r\n";
            return "";
        });
        std::vector<const char*> arguments{"--json", "--count", "3"};
        if (monitor) arguments.insert(arguments.begin(), "monitor");
        if (!monitor) arguments.insert(arguments.begin(), {"listen", "a"});
        const ToolRun run = run_tool(arguments, node.environment());
        CHECK(run.code == 0);
        CHECK(run.talk.find("clacks: connected again") != std::string::npos);
        if (monitor) {
            const std::string shown = "{\"from\":\"1:1:1\",\"line\":\"SET a=1\"}\n";
            CHECK(run.data == shown + "{\"from\":\"MONITOR\",\"line\":\"RECONNECTED\"}\n" + shown);
        } else {
            const std::string shown = "{\"verb\":\"SET\",\"name\":\"a\",\"value\":\"1\"}\n";
            CHECK(run.data == shown + "{\"verb\":\"RECONNECTED\"}\n" + shown);
        }
    }
}

TEST_CASE("verbs: Ctrl-C ends listen and monitor with 0") {
    for (const auto& arguments : {std::vector<const char*>{"listen", "a"}, {"monitor"}}) {
        std::atomic<bool> interrupted = false;
        ScriptedNode node([&](const std::string& line) -> std::string {
            if (line.starts_with("FLUSH") && !interrupted.exchange(true))
                ::kill(::getpid(), SIGINT);
            return "";
        });
        CHECK(run_tool(arguments, node.environment()).code == 0);
    }
}

TEST_CASE("verbs: monitor tells how many lines the node has left out") {
    ScriptedNode node(answering(
        "FLUSH",
        "DEBUG 1:1:1=SET a=1\r\nDEBUG MONITOR=MISSED=12\r\nDEBUG MONITOR=MISSED=3\r\nDEBUG "
        "1:1:1=SET a=17\r\n"));
    const ToolRun text = run_tool({"monitor", "--count", "2"}, node.environment());
    CHECK(text.data == "1:1:1 SET a=1\n1:1:1 SET a=17\n");
    CHECK(text.talk.find("clacks: 12 lines missed: ") != std::string::npos);
    CHECK(text.talk.ends_with("\nclacks: 3 lines missed\n"));  // what to do is said once
    const ToolRun json = run_tool({"monitor", "--count", "2", "--json"}, node.environment());
    CHECK(json.data ==
          "{\"from\":\"1:1:1\",\"line\":\"SET "
          "a=1\"}\n{\"from\":\"MONITOR\",\"line\":\"MISSED=12\"}\n");
}

TEST_CASE("verbs: monitor prints who sent what") {
    ScriptedNode node(
        answering("FLUSH", "DEBUG 127.0.0.1:1:2=SET a=1\r\nDEBUG CONNECTED=127.0.0.1:1:3\r\n"));
    const ToolRun text = run_tool({"monitor", "--count", "2"}, node.environment());
    CHECK(text.code == 0);
    CHECK(text.talk == "clacks: monitoring\n");
    CHECK(text.data == "127.0.0.1:1:2 SET a=1\nCONNECTED 127.0.0.1:1:3\n");
    CHECK(node.lines() == std::vector<std::string>{"MONITOR"});
    const ToolRun json = run_tool({"monitor", "--count", "1", "--json"}, node.environment());
    CHECK(json.data == "{\"from\":\"127.0.0.1:1:2\",\"line\":\"SET a=1\"}\n");
}
