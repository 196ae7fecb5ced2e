// The verbs of the store that need more than Net::Clacks offers.
#include <doctest/doctest.h>

#include "tests/client_tool/run_tool.hpp"
#include "tests/client_tool/scripted_node.hpp"

using Lines = std::vector<std::string>;

namespace {

struct Row {
    std::vector<const char*> arguments;
    std::string line;       ///< that the tool sends
    std::string answer;     ///< of the node
    std::string data = "";  ///< that the tool prints
    int code = 0;
};

void check(const Row& row) {
    CAPTURE(row.line);
    ScriptedNode node(ScriptedNode::clacksd([&](const std::string& line) {
        return line == row.line && !row.answer.empty() ? row.answer + "\r\n" : "";
    }));
    const ToolRun run = run_tool(row.arguments, node.environment());
    CAPTURE(run.talk);
    CHECK(run.code == row.code);
    CHECK(run.data == row.data);
    CHECK(node.lines() == Lines{row.line});
}

}  // namespace

TEST_CASE("store verbs: what has an end") {
    for (const Row& row : {
             Row{{"store", "a", "1", "--for", "30s"}, "STOREFOR 30.000000 a=1", ""},
             Row{{"store", "--for", "1.5m", "a", "x\ny"},
                 "STOREFOR 90.000000 a=PAGECAMELCLACKSB64:eAp5",
                 ""},
             Row{{"expire", "a", "2.5"}, "EXPIRE a=2.500000", ""},
             Row{{"expire", "a", "never"}, "EXPIRE a=0", ""},
             Row{{"ttl", "a"}, "TTL a", "TTL a=1.500000", "1.500000\n"},
             Row{{"ttl", "a"}, "TTL a", "TTL a=never", "never\n"},
             Row{{"ttl", "a"}, "TTL a", "NOTRETRIEVED a", "", 1},
             Row{{"ttl", "a", "--json"},
                 "TTL a",
                 "TTL a=0.000001",
                 "{\"name\":\"a\",\"seconds\":0.000001}\n"},
             Row{{"ttl", "a", "--json"},
                 "TTL a",
                 "TTL a=never",
                 "{\"name\":\"a\",\"seconds\":null}\n"},
         })
        check(row);
}

TEST_CASE("store verbs: conditions, versions and what they answer") {
    for (const Row& row : {
             Row{{"store", "a", "1", "--if", "absent"}, "STOREIF absent a=1", "STORED v a", "v\n"},
             Row{{"store", "a", "1", "--if", "present", "--for", "1s"},
                 "STOREIF present,for:1.000000 a=1",
                 "STORED v a",
                 "v\n"},
             Row{{"store", "a", "1", "--if", "version:v"},
                 "STOREIF version:v a=1",
                 "NOTSTORED a",
                 "",
                 1},
             Row{{"store", "a", "1", "--if", "absent", "--json"},
                 "STOREIF absent a=1",
                 "STORED v a",
                 "{\"name\":\"a\",\"version\":\"v\"}\n"},
             Row{{"store", "a", "1", "--if", "absent", "--json"},
                 "STOREIF absent a=1",
                 "NOTSTORED a",
                 "{\"name\":\"a\",\"version\":null}\n",
                 1},
             Row{{"remove", "a", "--if-version", "v"}, "REMOVEIF version:v a", "REMOVED a"},
             Row{{"remove", "a", "--if-version", "v"},
                 "REMOVEIF version:v a",
                 "NOTREMOVED a",
                 "",
                 1},
             Row{{"retrieve", "a", "--version"},
                 "RETRIEVEVERSION a",
                 "RETRIEVEDVERSION v a=1 2",
                 "v 1 2\n"},
             Row{{"retrieve", "a", "--version"}, "RETRIEVEVERSION a", "NOTRETRIEVED a", "", 1},
             Row{{"retrieve", "a", "--version", "--json"},
                 "RETRIEVEVERSION a",
                 "RETRIEVEDVERSION v a=1",
                 "{\"name\":\"a\",\"version\":\"v\",\"value\":\"1\"}\n"},
         })
        check(row);
}

TEST_CASE("store verbs: a version of nothing is null") {
    check({{"retrieve", "a", "--version", "--json"},
           "RETRIEVEVERSION a",
           "NOTRETRIEVED a",
           "{\"name\":\"a\",\"version\":null,\"value\":null}\n",
           1});
}

TEST_CASE("store verbs: counting with an answer, existence, several keys") {
    for (const Row& row : {
             Row{{"increment", "n", "--print"}, "INCREMENTANDRETRIEVE n=1", "RETRIEVED n=8", "8\n"},
             Row{{"increment", "n"}, "INCREMENTANDRETRIEVE n=1", "RETRIEVED n=9", "9\n"},
             Row{{"increment", "n", "--print"},
                 "INCREMENTANDRETRIEVE n=1",
                 "OVERHEAD E permission_denied",
                 "",
                 4},
             Row{{"ttl", "a", "--json"},
                 "TTL a",
                 "NOTRETRIEVED a",
                 "{\"name\":\"a\",\"exists\":false}\n",
                 1},
             Row{{"remove", "a", "--if-version", "v", "--json"},
                 "REMOVEIF version:v a",
                 "NOTREMOVED a",
                 "{\"name\":\"a\",\"removed\":false}\n",
                 1},
             Row{{"expire", "a", "2", "--json"},
                 "EXPIRE a=2.000000",
                 "",
                 "{\"name\":\"a\",\"done\":true}\n"},
             Row{{"decrement", "n", "2", "--print", "--json"},
                 "DECREMENTANDRETRIEVE n=2",
                 "RETRIEVED n=6",
                 "{\"name\":\"n\",\"value\":\"6\"}\n"},
             Row{{"exists", "a"}, "EXISTS a", "EXISTS a=1"},
             Row{{"exists", "a"}, "EXISTS a", "EXISTS a=0", "", 1},
             Row{{"exists", "a", "--json"},
                 "EXISTS a",
                 "EXISTS a=0",
                 "{\"name\":\"a\",\"exists\":false}\n",
                 1},
             Row{{"retrieve", "a", "b"},
                 "RETRIEVEMANY a b",
                 "RETRIEVED a=1=2\r\nRETRIEVED b=\\",
                 "a=1=2\nb=\\\\\n"},
             Row{{"retrieve", "a", "b"},
                 "RETRIEVEMANY a b",
                 "NOTRETRIEVED a\r\nRETRIEVED b=1",
                 "b=1\n",
                 1},
             Row{{"retrieve", "a", "b", "--json"},
                 "RETRIEVEMANY a b",
                 "NOTRETRIEVED a\r\nRETRIEVED b=1",
                 "{\"name\":\"a\",\"value\":null}\n{\"name\":\"b\",\"value\":\"1\"}\n",
                 1},
         })
        check(row);
}

TEST_CASE("store verbs: who may write but not read still counts, and is told nothing") {
    ScriptedNode node(ScriptedNode::clacksd([](const std::string& line) -> std::string {
        return line == "INCREMENTANDRETRIEVE n=2" ? "OVERHEAD E permission_denied\r\n" : "";
    }));
    const ToolRun run = run_tool({"increment", "n", "2"}, node.environment());
    CHECK(run.code == 0);
    CHECK(run.data == "");
    CHECK(run.talk == "");
    CHECK(node.lines() == Lines{"INCREMENTANDRETRIEVE n=2", "INCREMENT n=2"});
}

TEST_CASE("store verbs: keys and structures as the cache client of Net::Clacks has them") {
    for (const Row& row : {
             Row{{"store", "a b=c", "1", "--cache-key"}, "STORE a___b___c=1", ""},
             Row{{"remove", "a b", "--cache-key"}, "REMOVE a___b", ""},
             Row{{"increment", "a b", "--cache-key"},
                 "INCREMENTANDRETRIEVE a___b=1",
                 "RETRIEVED a___b=1",
                 "1\n"},
             Row{{"exists", "a b", "--cache-key"}, "EXISTS a___b", "EXISTS a___b=1"},
             Row{{"retrieve", "a b", "--cache-key"}, "RETRIEVE a___b", "RETRIEVED a___b=1", "1\n"},
             Row{{"store", "y", "[1]", "--yaml"}, "STORE y=PAGECAMELCLACKSYAMLB64:WzFd", ""},
             Row{{"retrieve", "y"},
                 "RETRIEVE y",
                 "RETRIEVED y=PAGECAMELCLACKSYAMLB64: LS0tIAphbnN3ZXI6IDQyCg==",
                 "--- \nanswer: 42\n\n"},
         })
        check(row);
    ScriptedNode node;
    CHECK(run_tool({"store", "y", "-", "--yaml"}, node.environment(), "a: 1\nb: [2]\n").code == 0);
    CHECK(node.lines() == Lines{"STORE y=PAGECAMELCLACKSYAMLB64:YTogMQpiOiBbMl0K"});
}

TEST_CASE("store verbs: what cannot be meant is a usage error, and nothing is sent") {
    ScriptedNode node;
    for (const auto& arguments : std::vector<std::vector<const char*>>{
             {"store", "a", "1", "--for", "soon"},
             {"store", "a", "1", "--if", "maybe"},
             {"store", "a", "1", "--if", "version:"},
             {"store", "a", "1", "--if", ""},
             {"store", "a", "1", "--for", ""},
             {"remove", "a", "--if-version", ""},
             {"store", "a", "plain", "--yaml"},
             {"store", "a", "{", "--yaml"},
             {"store", "a", "[1]", "--yaml", "--for", "1s"},
             {"remove", "a", "--if-version", "1 2"},
             {"expire", "a", "0"},
             {"retrieve", "a", "b", "--raw"},
             {"retrieve", "a", "b", "--version"},
             {"retrieve", "a", "--raw", "--version"},
             {"keys", "**::a"},
             {"keys", "--limit", "0"},
             {"keys", "--after", "a b"},
         }) {
        CAPTURE(arguments.front());
        const ToolRun run = run_tool(arguments, node.environment());
        CHECK(run.code == 2);
        CHECK(run.data == "");
    }
    CHECK(node.lines().empty());
}

TEST_CASE("store verbs: keys come in pages, as many as are wanted") {
    const auto script = ScriptedNode::clacksd([](const std::string& line) -> std::string {
        if (line == "KEYLIST ** limit=10000")
            return "KEYLISTSTART\r\nKEY c\r\nKEY a\r\nKEYLISTEND after=a\r\n";
        if (line == "KEYLIST ** limit=10000 after=a")
            return "KEYLISTSTART\r\nKEY b\r\nKEYLISTEND\r\n";
        if (line == "KEYLIST a* limit=3")
            return "KEYLISTSTART\r\nKEY a2\r\nKEY a1\r\nKEYLISTEND after=a1\r\n";
        if (line == "KEYLIST a* limit=1 after=a1")
            return "KEYLISTSTART\r\nKEY a0\r\nKEYLISTEND after=a0\r\n";
        return "";
    });
    ScriptedNode node(script);
    const ToolRun all = run_tool({"keys"}, node.environment());
    CHECK(all.data == "a\nb\nc\n");
    CHECK(all.talk == "");
    const ToolRun some = run_tool({"keys", "a*", "--limit", "3"}, node.environment());
    CHECK(some.data == "a2\na1\na0\n");
    CHECK(some.talk == "clacks: there is more: --after and the last of these keys gives it\n");
    const ToolRun rest = run_tool({"keys", "--after", "a", "--json"}, node.environment());
    CHECK(rest.data == "{\"name\":\"b\"}\n");
}

TEST_CASE("store verbs: a plain node lists everything, and the tool picks") {
    ScriptedNode node([](const std::string& line) -> std::string {
        if (line == "KEYLIST")
            return "KEYLISTSTART\r\nKEY a1\r\nKEY b\r\nKEY a2\r\nKEY a3\r\nKEYLISTEND\r\n";
        if (line.starts_with("RETRIEVE ")) return "RETRIEVED " + line.substr(9) + "=v\r\n";
        return "";
    });
    CHECK(run_tool({"keys", "a*"}, node.environment()).data == "a1\na2\na3\n");
    const ToolRun page =
        run_tool({"keys", "a*", "--after", "a1", "--limit", "1"}, node.environment());
    CHECK(page.data == "a2\n");
    CHECK(page.talk.find("there is more") != std::string::npos);
    CHECK(run_tool({"keys", "a*", "--after", "a1", "--limit", "2"}, node.environment()).talk == "");
    CHECK(run_tool({"retrieve", "a", "b"}, node.environment()).data == "a=v\nb=v\n");
    CHECK(node.lines() == Lines{"KEYLIST", "KEYLIST", "KEYLIST", "RETRIEVE a", "RETRIEVE b"});
}

TEST_CASE("store verbs: what a plain node cannot do is exit code 4, and said") {
    ScriptedNode node;
    for (const auto& arguments : std::vector<std::vector<const char*>>{
             {"store", "a", "1", "--for", "1s"},
             {"store", "a", "1", "--if", "absent"},
             {"remove", "a", "--if-version", "v"},
             {"retrieve", "a", "--version"},
             {"increment", "a", "--print"},
             {"expire", "a", "1"},
             {"ttl", "a"},
             {"exists", "a"},
             {"status"},
             {"tree"},
             {"listen", "a::*"},
             {"monitor", "--name", "a"},
         }) {
        CAPTURE(arguments.front());
        const ToolRun run = run_tool(arguments, node.environment());
        CHECK(run.code == 4);
        CHECK(run.data == "");
        CHECK(run.talk.ends_with("node.sock cannot do this: it is no clacksd, or an older one\n"));
    }
    CHECK(node.lines().empty());
}
