// backup, export and import between real nodes.
#include <doctest/doctest.h>

#include <cmath>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "tests/end_to_end/tool.hpp"
#include "tests/processes/patience.hpp"

using namespace clacks::test;
using namespace std::string_literals;

namespace {

constexpr const char* with_database = "persistence: {file: clacks.db, interval: 100ms}\n";

/// Runs the tool, which must succeed; its standard output.
std::string output_of(std::vector<std::string> arguments, const Environment& environment,
                      std::string_view input = {}) {
    // Whatever else the machine has to do: the node saves when it gets to it.
    arguments.insert(arguments.begin(), {"--timeout", "100"});
    const Run run = run_tool(std::move(arguments), environment, input);
    CAPTURE(run.errors);
    REQUIRE(run.code == 0);
    return run.output;
}

/// An export's lines, sorted. When an entry ends is cut off: see seconds_left().
std::multiset<std::string> exported(const Environment& environment,
                                    const std::string& pattern = "**") {
    std::istringstream lines(output_of({"export", "-", "--pattern", pattern}, environment));
    std::multiset<std::string> sorted;
    for (std::string line; std::getline(lines, line);) {
        constexpr std::string_view ends = "\"expires\":\"";
        const auto at = line.find(ends);
        sorted.insert(at == line.npos ? line : line.substr(0, at + ends.size()));
    }
    return sorted;
}

double seconds_left(const std::string& key, const Environment& environment) {
    return std::stod(output_of({"ttl", key}, environment));
}

std::string id_of(const Environment& environment) {
    std::istringstream lines(output_of({"status"}, environment));
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with("id=")) return line;
    return "";
}

/// Values of every kind.
void fill(const Environment& environment) {
    output_of({"store", "plain::value", "1=2"}, environment);
    output_of({"store", "empty", ""}, environment);
    output_of({"store", "binary", "-"}, environment, "\0\r\n\xff\xfe"s);
    output_of({"store", "text", "-"}, environment, "\xc3\xa4 \"quoted\"\n");
    output_of({"store", "encoded", "PAGECAMELCLACKSB64:eA=="}, environment);
    output_of({"store", "structure", "--yaml", "x: 1\ny: [2, 3]\n"}, environment);
    output_of({"store", "ends", "later", "--for", "7d"}, environment);
    output_of({"increment", "counter", "2.5"}, environment);
    output_of({"store", "removed", "x"}, environment);
    output_of({"remove", "removed"}, environment);
    std::string many;
    for (int i = 0; i < 20'000; ++i)
        many += "{\"key\":\"many::" + std::to_string(i) + "\",\"value\":\"" + std::to_string(i) +
                "\"}\n";
    output_of({"import", "-"}, environment, many);
}

}  // namespace

TEST_CASE("copies: what is exported and imported is the same, values with an end included") {
    const NodeProcess from;
    const NodeProcess to;
    fill(to_node(from));
    const auto lines = output_of({"export", "-"}, to_node(from, Way::tls_1_3));
    output_of({"import", "-"}, to_node(to, Way::tls_1_3), lines);
    const auto all = exported(to_node(from));
    CHECK(all.size() == 20'008);
    CHECK(exported(to_node(to)) == all);
    CHECK(exported(to_node(to), "many::1").size() == 1);
    // As every client sees it, too.
    for (const char* key : {"binary", "text", "encoded", "structure", "counter"}) {
        CAPTURE(key);
        CHECK(to.log_in().ask("RETRIEVE "s + key) == from.log_in().ask("RETRIEVE "s + key));
    }
    // Imported again it ends when it would have ended, give or take what this test may take.
    constexpr double minutes = 60;
    const double left = seconds_left("ends", to_node(to));
    CHECK(std::abs(left - seconds_left("ends", to_node(from))) < 10 * minutes);
}

TEST_CASE("copies: who may not read everything exports what he may") {
    const NodeProcess node({.users = "  - {name: part, password: part, names: [\"a::**\"]}\n"});
    output_of({"store", "a::1", "x"}, to_node(node));
    output_of({"store", "b::1", "x"}, to_node(node));
    auto environment = to_node(node);
    environment["CLACKS_USER"] = environment["CLACKS_PASSWORD"] = "part";
    CHECK(exported(environment) ==
          std::multiset<std::string>{"{\"key\":\"a::1\",\"value\":\"x\"}"});
}

TEST_CASE("copies: a backup taken under load begins a new node with the same content") {
    NodeProcess node({.more = with_database});
    const auto environment = to_node(node);
    fill(environment);
    const auto before = exported(environment, "many::*");
    const TemporaryDirectory directory;
    const std::string file = directory.path() / "backup.db";

    // Meanwhile another writes, and the node saves ten times a second.
    std::string load;
    for (int i = 0; i < 300'000; ++i)
        load += "{\"key\":\"load::" + std::to_string(i) + "\",\"value\":\"x\"}\n";
    Process writer(tool_command({"import", "-"}), environment, load);
    output_of({"backup", file}, environment);
    CHECK(writer.wait() == 0);
    const std::string first = directory.path() / "first.db";
    std::filesystem::rename(file, first);
    output_of({"backup", file}, environment);

    const Run again = run_tool({"backup", file}, environment);
    CHECK(again.code == 2);
    output_of({"backup", file, "--force"}, environment);
    const auto all = exported(environment);
    const auto id = id_of(environment);
    CHECK(node.stop() == 0);

    NodeProcess other({.more = "persistence: {file: \"" + file + "\"}\n"});
    other.wait_for("warning database_copied");
    CHECK(exported(to_node(other)) == all);
    CHECK(id_of(to_node(other)) != id);
    const NodeProcess earlier({.more = "persistence: {file: \"" + first + "\"}\n"});
    CHECK(exported(to_node(earlier), "many::*") == before);
}

TEST_CASE("copies: a backup put back in place, byte by byte, is known as one") {
    NodeProcess node({.more = with_database});
    const auto environment = to_node(node);
    output_of({"store", "a", "1"}, environment);
    const auto database = node.directory() / "clacks.db";
    const auto file = node.directory() / "backup.db";
    const auto id = id_of(environment);
    output_of({"backup", file}, environment);
    output_of({"store", "a", "2"}, environment);
    CHECK(node.stop() == 0);
    // As cp does.
    std::ofstream(database, std::ios::binary) << std::ifstream(file, std::ios::binary).rdbuf();
    node.start();
    node.wait_for("warning database_copied");
    CHECK(output_of({"retrieve", "a"}, environment) == "1\n");
    CHECK(id_of(environment) != id);
}

TEST_CASE("copies: what was there when save returns survives a kill") {
    NodeProcess node({.more = "persistence: {file: clacks.db, interval: 1h}\n"});
    output_of({"store", "a", "1"}, to_node(node));
    output_of({"save"}, to_node(node));
    node.kill();
    node.start();
    CHECK(output_of({"retrieve", "a"}, to_node(node)) == "1\n");
}

TEST_CASE("copies: the database of a node that is stopped") {
    NodeProcess node({.more = with_database});
    output_of({"store", "a", "1"}, to_node(node));
    CHECK(node.stop() == 0);
    const std::string database = node.directory() / "clacks.db";
    const std::string file = node.directory() / "backup.db";
    CHECK(output_of({"backup", file, "--database", database, "--json"}, empty_home())
              .starts_with("{\"file\":\"" + file + "\",\"entries\":1,\"bytes\":"));
    const Run missing =
        run_tool({"backup", file + "2", "--database", database + "2"}, empty_home());
    CHECK(missing.code == 1);
    CHECK(missing.errors == "clacks: " + database + "2: there is no such file\n");
    node.start();
    node.wait_for("info restored");
    CHECK(output_of({"retrieve", "a"}, to_node(node)) == "1\n");
    CHECK(count_of("database_copied", node.log()) == 0);
}
