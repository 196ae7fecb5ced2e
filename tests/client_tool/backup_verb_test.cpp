// What backup says to a node, and of what goes wrong. That it copies is shown with real nodes.
#include <doctest/doctest.h>

#include "tests/client_tool/run_tool.hpp"
#include "tests/client_tool/scripted_node.hpp"

using Lines = std::vector<std::string>;

namespace {

std::string status(const std::string& file, const std::string& saved_at,
                   const std::string& error = "") {
    return "STATUSSTART\r\nSTATUS id=x\r\nSTATUS persistence_file=" + file +
           "\r\nSTATUS persistence_saved_at=" + saved_at + "\r\nSTATUS persistence_error=" + error +
           "\r\nSTATUSEND\r\n";
}

/// Runs backup to a file of its own against a node that says these.
struct Backup {
    explicit Backup(ScriptedNode::Script script, std::vector<const char*> options = {})
        : node(ScriptedNode::clacksd(std::move(script))) {
        const std::string file = directory.path() / "backup.db";
        std::vector<const char*> arguments{"backup", file.c_str()};
        arguments.insert(arguments.end(), options.begin(), options.end());
        run = run_tool(arguments, node.environment());
        left_nothing = std::filesystem::is_empty(directory.path());
    }

    TemporaryDirectory directory;
    ScriptedNode node;
    ToolRun run;
    bool left_nothing = false;
};

}  // namespace

TEST_CASE("backup: it waits until what was there is saved, and looks for the file here") {
    int asked = 0;
    const Backup backup([&](const std::string& line) {
        if (line == "SAVE") return std::string("SAVING 7.500000\r\n");
        if (line != "STATUS") return std::string();
        return status("/nonexistent/clacks.db", ++asked == 3 ? "7.500000" : "7.499999");
    });
    CHECK(backup.node.lines() == Lines{"STATUS", "SAVE", "STATUS", "STATUS"});
    CHECK(backup.run.code == 1);
    CHECK(backup.run.talk ==
          "clacks: /nonexistent/clacks.db: there is no such file (the node runs elsewhere, or sees "
          "other directories: run this there, or use clacks export)\n");
    CHECK(backup.left_nothing);
}

TEST_CASE("backup: a node that does not get to save is waited for as long as wanted") {
    const Backup backup(
        [](const std::string& line) {
            return line == "SAVE" ? "SAVING 7.5\r\n" : status("x.db", "", "disk full");
        },
        {"--timeout", "0.1"});
    CHECK(backup.run.code == 1);
    CHECK(backup.run.talk ==
          "clacks: the node has not saved its store within 1 seconds: disk full (--timeout SECONDS "
          "waits longer)\n");
    CHECK(backup.left_nothing);
}

TEST_CASE("backup: a node without a database, and a user who may not") {
    const Backup none([](const std::string&) -> std::string {
        return "STATUSSTART\r\nSTATUS persistence=off\r\nSTATUSEND\r\n";
    });
    CHECK(none.run.code == 4);
    CHECK(none.run.talk.starts_with("clacks: the node has no database: persistence.file"));
    const Backup denied([](const std::string& line) {
        return line == "SAVE" ? "OVERHEAD E permission_denied\r\n" : status("x.db", "1");
    });
    CHECK(denied.run.code == 4);
    CHECK(denied.run.talk.find("permission denied") != std::string::npos);
    CHECK(denied.left_nothing);
}

TEST_CASE("backup: mistakes are found before anybody is asked") {
    const TemporaryDirectory directory;
    const std::string file = directory.write("backup.db", "old");
    CHECK(run_tool({"backup", file.c_str()}).talk ==
          "clacks: " + file + " exists already; --force replaces it\n");
    for (const char* other : {directory.path().c_str(), "/dev/null"})
        CHECK(run_tool({"backup", other, "--force"}).talk ==
              "clacks: " + std::string(other) + " is no regular file\n");
    const ToolRun itself =
        run_tool({"backup", file.c_str(), "--force", "--database", file.c_str()});
    CHECK(itself.code == 2);
    CHECK(itself.talk == "clacks: " + file + " is the database itself\n");
    const std::string other = directory.write("other.db", "no database");
    CHECK(run_tool({"backup", file.c_str(), "--force", "--database", other.c_str()}).talk ==
          "clacks: " + other + ": file is not a database\n");
    const ToolRun output = run_tool({"backup", "-", "--database", other.c_str()});
    CHECK(output.code == 2);
    CHECK(output.talk.starts_with("clacks: a database cannot be written to standard output"));
    CHECK(contents(file) == "old");
    const ToolRun nowhere =
        run_tool({"backup", "/nonexistent/backup.db", "--database", file.c_str()});
    CHECK(nowhere.code == 1);
    CHECK(nowhere.talk ==
          "clacks: cannot write /nonexistent/backup.db: No such file or directory\n");
}
