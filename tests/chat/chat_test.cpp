#include <doctest/doctest.h>

#include <csignal>
#include <string>

#include "tests/chat/chat_programs.hpp"

using namespace clacks::test;

TEST_CASE("chat: what one says the other sees, and the own line stands there once") {
    const NodeProcess node;
    Person ann(node, "ann");
    Person bob(node, "bob");
    ann.expect("-- bob joined\nann> ");
    ann.type("hello\r");
    ann.expect("-- bob joined\nann: hello\nann> ");
    bob.expect("\nann: hello\nbob> ");
    bob.type("hi, ann = \"x\"\r");
    bob.expect("\nann: hello\nbob: hi, ann = \"x\"\nbob> ");
    ann.expect("-- bob joined\nann: hello\nbob: hi, ann = \"x\"\nann> ");
    CHECK(count_of("hello", ann.text()) == 1);
    CHECK(count_of("hello", bob.text()) == 1);
}

TEST_CASE("chat: however somebody goes, it is told, and his terminal is as before") {
    const NodeProcess node;
    Person ann(node, "ann");
    struct Row {
        const char* name;
        const char* keys;
        int signal;
    };
    const Row table[] = {{"quit", "/quit\r", 0},      {"control-d", "\x04", 0},
                         {"control-c", "\x03", 0},    {"midway", "half a line\x03", 0},
                         {"terminated", "", SIGTERM}, {"hung-up", "", SIGHUP}};
    for (const auto& row : table) {
        CAPTURE(row.name);
        Person other(node, row.name);
        ann.expect(std::string("-- ") + row.name + " joined\nann> ");
        CHECK_FALSE(other.is_ordinary());
        other.type(row.keys);
        if (row.signal != 0) other.signal(row.signal);
        CHECK(other.wait() == 0);
        CHECK(other.is_ordinary());
        CHECK(other.text().find("half a line") == std::string::npos);
        CHECK(count_of(std::string(row.name) + ">", other.text()) == 0);
        ann.expect(std::string("-- ") + row.name + " left\nann> ");
    }
}

/// How often somebody was told who is here.
int answers(const Person& person) {
    return count_of("-- here: ", person.text()) + count_of("-- nobody else is here", person.text());
}

TEST_CASE("chat: /who names those who are here") {
    const NodeProcess node;
    Person ann(node, "ann");
    ann.expect("-- you are ann; /help tells what you can do\n-- nobody else is here\nann> ");
    const Person carl(node, "carl");
    const Person bob(node, "bob");
    const Bot bot(node, ann);
    // They have half a second to answer, which may be short on a busy machine: ask again then.
    const std::string all = "\n-- here: bob, bot, carl\nann> ";
    for (int attempt = 0; attempt < 5 && !ann.text().ends_with(all); ++attempt) {
        const int before = answers(ann);
        ann.type("/who\r");
        ann.wait_until("somebody answers", [&] { return answers(ann) > before; });
    }
    ann.expect(all);
}

TEST_CASE("chat: who takes a name that is in use is told") {
    const NodeProcess node;
    const Person ann(node, "ann");
    Person other(node, "ann");
    for (int attempt = 0; attempt < 5 && count_of("not the only", other.text()) == 0; ++attempt) {
        const int before = answers(other);
        other.type("/who\r");
        other.wait_until("somebody answers", [&] { return answers(other) > before; });
    }
    other.expect_somewhere("-- you are not the only ann here; --name gives you another name");
}

TEST_CASE("chat: commands begin with a slash") {
    const NodeProcess node;
    Person ann(node, "ann");
    Person bob(node, "bob");
    bob.type("/me waves\r");
    bob.expect("\n* bob waves\nbob> ");
    ann.expect("\n* bob waves\nann> ");
    for (const char* keys : {"/me\r", "/me  \r"}) {
        bob.type("/help\r");
        bob.type(keys);
        bob.expect(
            "ends the chat, as Ctrl-D and Ctrl-C do\n"
            "-- /me needs what you do, as in: /me waves\nbob> ");
    }
    bob.type("/mean\r");
    bob.expect("-- no such command: /mean (/help lists them)\nbob> ");
    bob.type("/dance\r");
    bob.expect("-- no such command: /dance (/help lists them)\nbob> ");
    bob.type("/help\r");
    bob.expect("/quit       ends the chat, as Ctrl-D and Ctrl-C do\nbob> ");
    bob.type("\r");
    bob.type("not empty\r");
    ann.expect("\n* bob waves\nbob: not empty\nann> ");
}

TEST_CASE("chat: a room hears only what is said in it") {
    const NodeProcess node;
    Person ann(node, "ann");
    Person bob(node, "bob", {"--room", "kitchen"});
    auto stranger = node.log_in();
    stranger.ask("SET chat::lobby=carl: in the lobby\nSET chat::kitchen=carl: in the kitchen");
    ann.expect("-- nobody else is here\ncarl: in the lobby\nann> ");
    bob.expect("-- nobody else is here\ncarl: in the kitchen\nbob> ");
}

TEST_CASE("chat: what would take over a terminal arrives as text") {
    const NodeProcess node;
    Person ann(node, "ann");
    auto stranger = node.log_in();
    // The Screen throws at each of these sequences.
    stranger.ask(
        "SET chat::lobby=carl: \x1B[31mred\x1B]0;title\a\x9B"
        "2J");
    ann.expect(
        "\ncarl: ^[[31mred^[]0;title^G\xEF\xBF\xBD"
        "2J\nann> ");
    stranger.ask("SET chat::lobby=\x1B[2J: hello\nSET chat::lobby=+ \x1B[2J");
    ann.expect("\n?: ^[[2J: hello\n?: + ^[[2J\nann> ");
    // A value with a line break: "one", line feed, "bob: two".
    stranger.ask("SET chat::lobby=PAGECAMELCLACKSB64:b25lCmJvYjogdHdv");
    ann.expect("\n?: one^Jbob: two\nann> ");
    stranger.ask("SET chat::lobby::who=\x1B[2J\nSET chat::lobby::here::ann=\x1B[2J");
    ann.type("/who\r");
    ann.expect("\n-- nobody else is here\nann> ");
}

TEST_CASE("chat: a half-typed line survives the restart of the node and is sent after it") {
    NodeProcess node;
    Person ann(node, "ann");
    Person bob(node, "bob");
    ann.expect("-- bob joined\nann> ");
    ann.type("half");
    ann.expect("\nann> half");
    node.kill();
    ann.expect_somewhere("\n-- connection lost: ");
    ann.expect("\nann> half");
    bob.expect_somewhere("\n-- connection lost: ");
    ann.type(" a");
    ann.expect("\nann> half a");
    node.start();
    ann.expect("\n-- connected again\nann> half a");
    bob.expect("\n-- connected again\nbob> ");
    ann.type(" line\r");
    ann.expect("\n-- connected again\nann: half a line\nann> ");
    bob.expect("\n-- connected again\nann: half a line\nbob> ");
}

TEST_CASE("chat: what is said without a connection is sent when there is one") {
    NodeProcess node;
    Person ann(node, "ann");
    node.kill();
    ann.expect_somewhere("\n-- connection lost: ");
    ann.type("/who\r");
    ann.expect("\n-- nobody can be asked without a connection\nann> ");
    ann.type("still there?\r");
    const std::string warned =
        "\nann: still there?\n"
        "-- not sent yet: there is no connection, and it goes out with the next one\n";
    ann.expect(warned + "ann> ");
    ann.signal(SIGSTOP);  // until somebody listens
    node.start();
    auto witness = node.log_in();
    witness.ask("LISTEN chat::lobby");
    ann.signal(SIGCONT);
    CHECK(witness.line() == "SET chat::lobby=ann: still there?");
    ann.expect(warned + "-- connected again\nann> ");
}
