#include <doctest/doctest.h>

#include "tests/client_tool/run_tool.hpp"
#include "tests/client_tool/scripted_node.hpp"

using Lines = std::vector<std::string>;

namespace {

std::string answer(const std::string& line) {
    if (line == "STATUS") return "STATUSSTART\r\nSTATUS name=a=b\r\nSTATUS keys=3\r\nSTATUSEND\r\n";
    if (line == "TREE")
        return "TREESTART\r\nTREE id=1;up=;name=root;software=clacksd;clients=0;keys=3;self=1;\r\n"
               "TREE id=2;up=1;name=leaf;software=clacksd;clients=2;keys=3;\r\nTREEEND\r\n";
    if (line == "CLIENTLIST")
        return "CLIENTLISTSTART\r\n"
               "CLIENT CID=x:1;CLIENTINFO=me;OUTBUFFER_LENGTH=0;INTERCLACKS=0;MONITOR=0;\r\n"
               "CLIENT CID=x:2;CLIENTINFO=a \x1b;OUTBUFFER_LENGTH=7;INTERCLACKS=1;MONITOR=1;\r\n"
               "CLIENTLISTEND\r\n";
    if (line == "LISTENANDRETRIEVE a" || line == "RETRIEVE a")
        return "RETRIEVED a=1\r\nSET a=2\r\n";
    if (line == "LISTENANDRETRIEVE b") return "NOTRETRIEVED b\r\n";
    return "";
}

}  // namespace

TEST_CASE("node verbs: status is a line per figure, or one object") {
    ScriptedNode node(ScriptedNode::clacksd(answer));
    CHECK(run_tool({"status"}, node.environment()).data == "name=a=b\nkeys=3\n");
    CHECK(run_tool({"status", "--json"}, node.environment()).data ==
          "{\"name\":\"a=b\",\"keys\":\"3\"}\n");
}

TEST_CASE("node verbs: tree is drawn, or an object per node") {
    ScriptedNode node(ScriptedNode::clacksd(answer));
    CHECK(run_tool({"tree"}, node.environment()).data ==
          "root (this node): clacksd, 0 clients, 3 keys\n"
          "└─ leaf: clacksd, 2 clients, 3 keys\n");
    CHECK(run_tool({"tree", "--json"}, node.environment()).data ==
          "{\"id\":\"1\",\"up\":\"\",\"name\":\"root\",\"software\":\"clacksd\",\"clients\":\"0\","
          "\"keys\":\"3\",\"self\":\"1\"}\n"
          "{\"id\":\"2\",\"up\":\"1\",\"name\":\"leaf\",\"software\":\"clacksd\",\"clients\":\"2\","
          "\"keys\":\"3\"}\n");
}

TEST_CASE("node verbs: clients are listed, also by a plain node") {
    ScriptedNode node(answer);
    CHECK(run_tool({"clients"}, node.environment()).data ==
          "x:1 me\nx:2 a \\x1b [link, monitor, 7 bytes waiting]\n");
    CHECK(run_tool({"clients", "--json"}, node.environment())
              .data.starts_with("{\"CID\":\"x:1\",\"CLIENTINFO\":\"me\","));
}

TEST_CASE("node verbs: disconnect says when there is nobody") {
    ScriptedNode node(answer);
    CHECK(run_tool({"disconnect", "x:2"}, node.environment()).code == 0);
    const ToolRun nobody = run_tool({"disconnect", "x:3"}, node.environment());
    CHECK(nobody.code == 1);
    CHECK(nobody.talk == "clacks: no such client: x:3\n");
    CHECK(node.lines() == Lines{"CLIENTLIST", "CLIENTDISCONNECT x:2", "CLIENTLIST"});
}

TEST_CASE("node verbs: listen --current prints what is stored, then what comes") {
    ScriptedNode node(ScriptedNode::clacksd(answer));
    const ToolRun text =
        run_tool({"listen", "a", "b", "--current", "--count", "2"}, node.environment());
    CHECK(text.data == "a=1\na=2\n");
    CHECK(text.talk == "clacks: listening\n");
    // For the first name the node's features may not be known yet.
    CHECK(node.lines().back() == "LISTENANDRETRIEVE b");
    CHECK(
        run_tool({"listen", "a", "--current", "--count", "1", "--json"}, node.environment()).data ==
        "{\"verb\":\"RETRIEVED\",\"name\":\"a\",\"value\":\"1\"}\n");
    CHECK(run_tool({"listen", "a::*", "--current"}, node.environment()).code == 2);
}

TEST_CASE("node verbs: monitor hands its conditions to the node") {
    ScriptedNode node(ScriptedNode::clacksd([](const std::string& line) -> std::string {
        return line.starts_with("MONITOR") ? "DEBUG x:1=STORE a=1\r\n" : "";
    }));
    const ToolRun run = run_tool({"monitor", "--name", "a::**", "--command", "store,SET",
                                  "--client", "x:1", "--sample", "0.5", "--count", "1"},
                                 node.environment());
    CHECK(run.code == 0);
    CHECK(run.data == "x:1 STORE a=1\n");
    CHECK(node.lines() == Lines{"MONITOR name=a::** command=STORE,SET client=x:1 sample=0.5"});
    for (const auto& wrong :
         std::vector<std::vector<const char*>>{{"monitor", "--command", "frobnicate"},
                                               {"monitor", "--sample", "2"},
                                               {"monitor", "--name", "**::a"},
                                               {"monitor", "--client", "a b"}})
        CHECK(run_tool(wrong, node.environment()).code == 2);
}
