#include <doctest/doctest.h>

#include "tests/client_tool/run_tool.hpp"
#include "tests/client_tool/scripted_node.hpp"

using Lines = std::vector<std::string>;

namespace {

/// Has a and b, of which b ends and has flags, and y, a structure of Perl's. z goes before its
/// value is asked for.
std::string of_three_keys(const std::string& line) {
    if (line == "STATUS") return "STATUSSTART\r\nSTATUS time=1.0\r\nSTATUS keys=4\r\nSTATUSEND\r\n";
    if (line == "KEYLIST ** limit=10000")
        return "KEYLISTSTART\r\nKEY a\r\nKEY z\r\nKEYLISTEND after=z\r\n";
    if (line == "KEYLIST ** limit=10000 after=z")
        return "KEYLISTSTART\r\nKEY b\r\nKEY y\r\nKEYLISTEND\r\n";
    if (line == "RETRIEVEMANY a z") return "RETRIEVED a=1=2\r\nNOTRETRIEVED z\r\n";
    if (line == "RETRIEVEMANY b y")
        return "RETRIEVED b=PAGECAMELCLACKSB64:/wo=\r\n"
               "RETRIEVED y=PAGECAMELCLACKSYAMLB64:LS0t\r\n";
    if (line == "TTL a z") return "TTL a=never\r\nNOTRETRIEVED z\r\n";
    if (line == "TTL b y") return "TTL b=86400.000000\r\nTTL y=never\r\n";
    if (line == "FLAGS a z") return "FLAGS a=0\r\nNOTRETRIEVED z\r\n";
    if (line == "FLAGS b y") return "FLAGS b=7\r\nFLAGS y=0\r\n";
    return "";
}

bool nothing_in(const TemporaryDirectory& directory) {
    return std::filesystem::is_empty(directory.path());
}

}  // namespace

TEST_CASE("export: entries are lines of JSON, read in pages and batches") {
    ScriptedNode node(ScriptedNode::clacksd(of_three_keys));
    const ToolRun run = run_tool({"export", "-"}, node.environment());
    CHECK(run.code == 0);
    CHECK(run.talk == "clacks: exported 3 keys\n");
    // By the node's clock it is 1970; how long the answer took is ours.
    CHECK(
        run.data.starts_with("{\"key\":\"a\",\"value\":\"1=2\"}\n"
                             "{\"key\":\"b\",\"value_base64\":\"/wo=\","
                             "\"expires\":\"1970-01-02T00:00:"));
    CHECK(run.data.ends_with("Z\",\"flags\":\"7\"}\n{\"key\":\"y\",\"yaml\":\"---\"}\n"));
}

TEST_CASE("export: a plain node has no pages, and nothing ends") {
    ScriptedNode node([](const std::string& line) -> std::string {
        if (line == "KEYLIST") return "KEYLISTSTART\r\nKEY a\r\nKEY b\r\nKEYLISTEND\r\n";
        if (line == "RETRIEVE a") return "RETRIEVED a=1\r\n";
        if (line == "RETRIEVE b") return "NOTRETRIEVED b\r\n";
        return "";
    });
    const ToolRun run = run_tool({"export", "-"}, node.environment());
    CHECK(run.code == 0);
    CHECK(run.data == "{\"key\":\"a\",\"value\":\"1\"}\n");
    CHECK(node.lines() == Lines{"KEYLIST", "RETRIEVE a", "RETRIEVE b"});
}

TEST_CASE("export: a file is there when it is complete, and is not replaced unasked") {
    const TemporaryDirectory directory;
    const std::string file = directory.path() / "store.json";
    ScriptedNode node(ScriptedNode::clacksd(of_three_keys));
    const ToolRun first = run_tool({"export", file.c_str(), "--json"}, node.environment());
    CHECK(first.code == 0);
    CHECK(first.data == "{\"exported\":3}\n");
    CHECK(contents(file).starts_with("{\"key\":\"a\""));

    const auto count = node.lines().size();
    const ToolRun second = run_tool({"export", file.c_str()}, node.environment());
    CHECK(second.code == 2);
    CHECK(second.talk == "clacks: " + file + " exists already; --force replaces it\n");
    CHECK(node.lines().size() == count);
    CHECK(run_tool({"export", file.c_str(), "--force"}, node.environment()).code == 0);
}

TEST_CASE("export: what breaks off, or is refused, leaves no file") {
    const TemporaryDirectory directory;
    const std::string file = directory.path() / "store.json";
    struct Row {
        const char* line;  ///< at which it happens
        const char* answer;
        int code;
    };
    for (const Row& row : {Row{"KEYLIST ** limit=10000 after=z", ScriptedNode::drop, 3},
                           {"RETRIEVEMANY b y", ScriptedNode::drop, 3},
                           {"RETRIEVEMANY b y", "OVERHEAD E permission_denied\r\n", 4},
                           {"KEYLIST ** limit=10000", "OVERHEAD E permission_denied\r\n", 4}}) {
        CAPTURE(row.line);
        ScriptedNode node(ScriptedNode::clacksd([&](const std::string& line) {
            return line == row.line ? row.answer : of_three_keys(line);
        }));
        CHECK(run_tool({"export", file.c_str()}, node.environment()).code == row.code);
        CHECK(nothing_in(directory));
    }
}

TEST_CASE("export: a part of the store") {
    ScriptedNode node(ScriptedNode::clacksd([](const std::string& line) -> std::string {
        if (line.starts_with("KEYLIST")) return "KEYLISTSTART\r\nKEYLISTEND\r\n";
        return line == "STATUS" ? "STATUSSTART\r\nSTATUSEND\r\n" : "";
    }));
    CHECK(run_tool({"export", "-", "--pattern", "a::*"}, node.environment()).data == "");
    CHECK(node.lines() == Lines{"STATUS", "KEYLIST a::* limit=10000"});
    CHECK(run_tool({"export", "-", "--pattern", "**::a"}, node.environment()).code == 2);
}

TEST_CASE("export: a key that cannot be asked for is named, and the others are written") {
    ScriptedNode node([](const std::string& line) -> std::string {
        if (line == "KEYLIST") return "KEYLISTSTART\r\nKEY a=\r\nKEY b\r\nKEYLISTEND\r\n";
        if (line == "RETRIEVE b") return "RETRIEVED b=1\r\n";
        return "";
    });
    const ToolRun run = run_tool({"export", "-"}, node.environment());
    CHECK(run.code == 0);
    CHECK(run.data == "{\"key\":\"b\",\"value\":\"1\"}\n");
    CHECK(
        run.talk ==
        "clacks: left out: 1 key that cannot be asked for, as '=' or a blank is in the name; 'a=' "
        "is the first\nclacks: exported 1 key\n");
}
