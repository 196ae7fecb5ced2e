#include <doctest/doctest.h>

#include <string>

#include "tests/chat/chat_programs.hpp"

using namespace clacks::test;

TEST_CASE("plain console: a script's lines are said one by one, the last without its end too") {
    const NodeProcess node;
    Person ann(node, "ann");
    const Run script =
        run({CHAT_FILE, "--name", "script"}, environment_for(node), "one\n/me counts\nthree");
    CHECK(script.code == 0);
    CHECK(script.errors == "");
    CHECK(script.output == "-- you are script; /help tells what you can do\n");
    ann.expect(
        "-- nobody else is here\n-- script joined\nscript: one\n* script counts\n"
        "script: three\n-- script left\nann> ");
}

TEST_CASE("plain console: a long line is cut, not kept without bound") {
    const NodeProcess node;
    auto listener = node.log_in();
    listener.ask("LISTEN chat::lobby");
    const Run script = run({CHAT_FILE, "--name", "script"}, environment_for(node),
                           std::string(150'000, 'x') + "\n");
    CHECK(script.code == 0);
    CHECK(listener.line() == "SET chat::lobby=+ script");
    std::size_t said = 0;
    std::string line = listener.line();
    for (; line != "SET chat::lobby=- script"; line = listener.line()) {
        CHECK(line.size() < 100'000);
        said += line.size() - std::string("SET chat::lobby=script: ").size();
    }
    CHECK(said == 150'000);
}

TEST_CASE("plain console: a terminal that can do nothing prints lines") {
    const NodeProcess node;
    Person ann(node, "ann");
    Person bob(node, "bob", {}, {{"TERM", "dumb"}});
    ann.expect("-- bob joined\nann> ");
    bob.type("hello\n");
    ann.expect("-- bob joined\nbob: hello\nann> ");
    ann.type("hi\r");
    bob.expect("\nhello\nann: hi\n");
    bob.type("\x04");
    CHECK(bob.wait() == 0);
    ann.expect("\n-- bob left\nann> ");
}
