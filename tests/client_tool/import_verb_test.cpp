#include <doctest/doctest.h>

#include <utility>

#include "tests/client_tool/run_tool.hpp"
#include "tests/client_tool/scripted_node.hpp"

using Lines = std::vector<std::string>;

namespace {

constexpr const char* good =
    "{\"key\":\"a\",\"value\":\"1\"}\n"
    "{\"key\":\"b\",\"value_base64\":\"/wo=\"}\n"
    "{\"key\":\"y\",\"yaml\":\"---\"}\n";
constexpr const char* bad =
    "{\"key\":\"a\",\"value\":\"1\"}\n"
    "nonsense\n"
    "{\"key\":\"a b\",\"value\":\"1\"}\n";

std::string in_1970(const std::string& line) {
    return line == "STATUS" ? "STATUSSTART\r\nSTATUS time=1000.0\r\nSTATUSEND\r\n" : "";
}

/// The lines that store.
Lines stores(const ScriptedNode& node) {
    Lines lines = node.lines();
    std::erase_if(lines, [](const std::string& line) { return !line.starts_with("STORE"); });
    return lines;
}

}  // namespace

TEST_CASE("import: everything is stored as it was, and confirmed") {
    ScriptedNode node(ScriptedNode::clacksd(in_1970));
    const ToolRun run = run_tool({"import", "-"}, node.environment(), good);
    CHECK(run.code == 0);
    CHECK(run.talk == "clacks: imported 3 keys\n");
    CHECK(stores(node) == Lines{"STORE a=1", "STORE b=PAGECAMELCLACKSB64:/wo=",
                                "STORE y=PAGECAMELCLACKSYAMLB64:LS0t"});
}

TEST_CASE("import: what ends, ends then by the node's clock, and what has ended is left out") {
    ScriptedNode node(ScriptedNode::clacksd(in_1970));
    const ToolRun run =
        run_tool({"import", "-", "--json"}, node.environment(),
                 "{\"key\":\"a\",\"value\":\"1\",\"expires\":\"1970-01-01T01:00:00Z\"}\n"
                 "{\"key\":\"b\",\"value\":\"2\",\"expires\":\"1970-01-01T00:16:39Z\"}\n");
    CHECK(run.code == 0);
    CHECK(run.data ==
          "{\"imported\":1,\"expired\":1,\"deleted\":0,\"malformed\":0,\"evicted\":null}\n");
    REQUIRE(stores(node).size() == 1);
    const std::string line = stores(node).front();
    CHECK(line.starts_with("STOREFOR 25"));  // of 2600 seconds, less what the test took
    CHECK(line.ends_with(" a=1"));
}

TEST_CASE("import: flags are stored with the value") {
    ScriptedNode node(ScriptedNode::clacksd(in_1970));
    const ToolRun run = run_tool({"import", "-"}, node.environment(),
                                 "{\"key\":\"a\",\"value\":\"1\",\"flags\":\"7\"}\n"
                                 "{\"key\":\"b\",\"value\":\"2\",\"flags\":\"0\"}\n");
    CHECK(run.code == 0);
    CHECK(stores(node) == Lines{"STOREFOR never,flags:7 a=1", "STORE b=2"});
}

TEST_CASE("import: with a malformed line nothing is stored, unless errors are skipped") {
    const TemporaryDirectory directory;
    const std::string file = directory.write("x.json", bad);
    const std::string faults =
        "clacks: " + file + ":2: it is no JSON: syntax error\n" + "clacks: " + file +
        ":3: key 'a b': a key is not empty, and holds no blank, no '=' and no line break\n";
    ScriptedNode node(ScriptedNode::clacksd(in_1970));
    const ToolRun refused = run_tool({"import", file.c_str()}, node.environment());
    CHECK(refused.code == 2);
    CHECK(refused.talk == faults + "clacks: " + file +
                              ": malformed: 2 of 3 entries; nothing is imported (--skip-errors "
                              "imports the rest)\n");
    CHECK(node.lines().empty());

    const ToolRun skipped = run_tool({"import", file.c_str(), "--skip-errors"}, node.environment());
    CHECK(skipped.code == 0);
    CHECK(skipped.talk == faults + "clacks: imported 1 key; left out: 2 malformed\n");
    CHECK(stores(node) == Lines{"STORE a=1"});
}

TEST_CASE("import: of many malformed lines some are shown, and all counted") {
    std::string lines;
    for (int i = 0; i < 1000; ++i) lines += "x\n";
    const ToolRun run = run_tool({"import", "-", "--dry-run"}, {}, lines);
    CHECK(run.code == 2);
    CHECK(std::count(run.talk.begin(), run.talk.end(), '\n') == 11);
    CHECK(run.talk.find("malformed: 1000 of 1000 entries") != std::string::npos);
}

TEST_CASE("import: a value that no line holds is malformed") {
    const std::string line = "{\"key\":\"a\",\"value\":\"" + std::string(16 << 20, 'x') + "\"}\n";
    const ToolRun run = run_tool({"import", "-", "--dry-run"}, {}, line);
    CHECK(run.code == 2);
    CHECK(run.talk.find(":1: key 'a': its line would be longer than 16777216 bytes") !=
          std::string::npos);
}

TEST_CASE("import: a dry run needs no node") {
    const ToolRun run = run_tool({"import", "-", "--dry-run"}, {}, good);
    CHECK(run.code == 0);
    CHECK(run.talk == "clacks: would import 3 keys\n");
    const std::string ended =
        "{\"key\":\"a\",\"value\":\"1\",\"expires\":\"1970-01-01T01:00:00Z\"}\n" +
        std::string(good);
    CHECK(run_tool({"import", "-", "--dry-run"}, {}, ended).talk ==
          "clacks: would import 3 keys; left out: 1 expired\n");
    CHECK(run_tool({"import", "-", "--dry-run", "--json"}, {}, ended).data ==
          "{\"would_import\":3,\"expired\":1,\"deleted\":0,\"malformed\":0}\n");
    CHECK(run_tool({"import", "/nonexistent", "--dry-run"}).talk ==
          "clacks: cannot read /nonexistent: No such file or directory\n");
    CHECK(run_tool({"import", "/", "--dry-run"}).talk == "clacks: cannot read /: Is a directory\n");
}

TEST_CASE("import: of a file of Net::Clacks deleted keys are counted") {
    const std::string mark("\0CLACKSV3", 9);
    ScriptedNode node;
    const ToolRun run =
        run_tool({"import", "-"}, node.environment(),
                 mark + "--- \na: \n  data: 1\nb: \n  data: 2\n  deleted: 1\n" + mark);
    CHECK(run.code == 0);
    CHECK(run.talk == "clacks: imported 1 key; left out: 1 deleted\n");
    CHECK(node.lines() == Lines{"STORE a=1"});
}

TEST_CASE("import: what a node refuses is named, with what is stored by then") {
    std::string lines;
    for (int i = 1; i <= 5000; ++i)
        lines += "{\"key\":\"k" + std::to_string(i) + "\",\"value\":\"x\"}\n";
    ScriptedNode node(ScriptedNode::clacksd([](const std::string& line) -> std::string {
        if (line == "STORE k2714=x" || line == "STORE k2715=x")
            return "OVERHEAD E permission_denied\r\n";
        return in_1970(line);
    }));
    const ToolRun run = run_tool({"import", "-"}, node.environment(), lines);
    CHECK(run.code == 4);
    CHECK(
        run.talk.starts_with("clacks: standard input:2714: key 'k2714' is refused; stored before "
                             "it: 2,713 keys\nclacks: "));
    CHECK(run.talk.find("permission denied") != std::string::npos);
}

TEST_CASE("import: what a node refuses once, and takes when it is asked again, is stored") {
    bool full = true;
    ScriptedNode node(ScriptedNode::clacksd([&](const std::string& line) -> std::string {
        if (line == "STORE b=2" && std::exchange(full, false)) return "OVERHEAD E store_full\r\n";
        return in_1970(line);
    }));
    const ToolRun run =
        run_tool({"import", "-"}, node.environment(),
                 "{\"key\":\"a\",\"value\":\"1\"}\n{\"key\":\"b\",\"value\":\"2\"}\n"
                 "{\"key\":\"c\",\"value\":\"3\"}\n");
    CHECK(run.code == 0);
    CHECK(run.talk == "clacks: imported 3 keys\n");
}

TEST_CASE("import: a node that forgets others for what comes is told of") {
    int asked = 0;
    ScriptedNode node(ScriptedNode::clacksd([&](const std::string& line) {
        if (line != "STATUS") return std::string();
        return "STATUSSTART\r\nSTATUS evicted=" + std::to_string(100 * asked++) +
               "\r\nSTATUSEND\r\n";
    }));
    const ToolRun run = run_tool({"import", "-"}, node.environment(), good);
    CHECK(run.code == 0);
    CHECK(run.talk ==
          "clacks: imported 3 keys\nclacks: the node's cache.memory is full: it has forgotten 100 "
          "keys meanwhile\n");
    CHECK(run_tool({"import", "-", "--json"}, node.environment(), good)
              .data.ends_with(",\"evicted\":100}\n"));
}

TEST_CASE("import: what ends is nothing for a plain node, and it gets nothing of the file") {
    ScriptedNode node;
    const ToolRun run = run_tool({"import", "-"}, node.environment(),
                                 "{\"key\":\"a\",\"value\":\"1\"}\n{\"key\":\"b\",\"value\":\"2\","
                                 "\"expires\":\"2970-01-01T00:00:00Z\"}\n");
    CHECK(run.code == 4);
    CHECK(node.lines().empty());
}
