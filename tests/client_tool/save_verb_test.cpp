#include <doctest/doctest.h>

#include <algorithm>

#include "tests/client_tool/run_tool.hpp"
#include "tests/client_tool/scripted_node.hpp"

namespace {

/// Of a node with a database.
std::string figures(const std::string& saved_at, const std::string& error, int failures) {
    return "STATUSSTART\r\nSTATUS id=x\r\nSTATUS persistence_file=/x/clacks.db\r\n"
           "STATUS persistence_saved_at=" +
           saved_at + "\r\nSTATUS persistence_error=" + error +
           "\r\nSTATUS persistence_failures=" + std::to_string(failures) + "\r\nSTATUSEND\r\n";
}

struct Saving {
    std::string saved_at;
    std::string error;
    int failures = 0;
};

/// A node that is asked how it stands, and says these one after the other, the last for good.
ScriptedNode::Script saving(std::vector<Saving> course) {
    return [course, asked = std::size_t{0}](const std::string& line) mutable -> std::string {
        if (line == "SAVE") return "SAVING 7.500000\r\n";
        if (line != "STATUS") return "";
        const Saving& now = course[std::min(asked++, course.size() - 1)];
        return figures(now.saved_at, now.error, now.failures);
    };
}

}  // namespace

TEST_CASE("save: it returns when what was there is on the disk") {
    ScriptedNode node(ScriptedNode::clacksd(saving({{"1", ""}, {"7.4", ""}, {"7.500001", ""}})));
    const ToolRun run = run_tool({"save"}, node.environment());
    CHECK(run.code == 0);
    CHECK(run.data.empty());
    CHECK(run.talk == "clacks: saved to /x/clacks.db\n");
    CHECK(node.lines() == std::vector<std::string>{"STATUS", "SAVE", "STATUS", "STATUS"});
}

TEST_CASE("save: with --json it says up to when") {
    ScriptedNode node(ScriptedNode::clacksd(saving({{"8.5", ""}})));
    CHECK(run_tool({"save", "--json"}, node.environment()).data ==
          "{\"file\":\"/x/clacks.db\",\"saved_at\":\"8.5\"}\n");
}

TEST_CASE("save: a snapshot that fails is the end of it, an earlier one is not") {
    ScriptedNode failing(ScriptedNode::clacksd(
        saving({{"1", "disk full", 5}, {"1", "disk full", 5}, {"1", "disk full", 6}})));
    const ToolRun failed = run_tool({"save"}, failing.environment());
    CHECK(failed.code == 1);
    CHECK(failed.talk == "clacks: the node cannot save its store: disk full (it goes on trying)\n");

    ScriptedNode mended(ScriptedNode::clacksd(
        saving({{"1", "disk full", 5}, {"1", "disk full", 5}, {"7.5", "", 5}})));
    CHECK(run_tool({"save"}, mended.environment()).code == 0);
    ScriptedNode still(ScriptedNode::clacksd(saving({{"1", "disk full", 5}})));
    const ToolRun late = run_tool({"--timeout", "0.1", "save"}, still.environment());
    CHECK(late.code == 1);
    CHECK(late.talk.starts_with("clacks: the node has not saved its store within 1 seconds: disk"));
}

TEST_CASE("save: a node without a database, and a plain one") {
    ScriptedNode none(ScriptedNode::clacksd([](const std::string&) -> std::string {
        return "STATUSSTART\r\nSTATUS persistence=off\r\nSTATUSEND\r\n";
    }));
    const ToolRun run = run_tool({"save"}, none.environment());
    CHECK(run.code == 4);
    CHECK(run.talk.starts_with("clacks: the node has no database"));
    ScriptedNode plain;
    CHECK(run_tool({"save"}, plain.environment()).code == 4);
}
