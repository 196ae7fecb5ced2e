#include <doctest/doctest.h>

#include <csignal>
#include <string>

#include "tests/chat/chat_programs.hpp"

using namespace clacks::test;

namespace {

const std::string left = "\x1B[D";
const std::string up = "\x1B[A";

}  // namespace

TEST_CASE("line editor: what others say stands above a half-typed line") {
    const NodeProcess node;
    Person ann(node, "ann");
    auto stranger = node.log_in();
    ann.type("good morning" + left + left + left);
    ann.expect("\nann> good morn|ing");
    stranger.ask("SET chat::lobby=bob: one");
    ann.expect("\nbob: one\nann> good morn|ing");
    stranger.ask("SET chat::lobby=bob: two");
    ann.expect("\nbob: one\nbob: two\nann> good morn|ing");
    ann.type(
        "\x7F"
        "N");  // the key Backspace
    ann.expect("\nann> good morN|ing");
    ann.type("\r");
    ann.expect("\nbob: one\nbob: two\nann: good morNing\nann> ");
}

TEST_CASE("line editor: a line of any length is taken off the screen and put back whole") {
    const NodeProcess node;
    Person ann(node, "ann");
    auto stranger = node.log_in();
    int said = 0;
    // With the prompt, "ann> ", and 80 columns: around one row and two.
    for (const std::size_t length : {74, 75, 76, 154, 155, 156, 200}) {
        CAPTURE(length);
        const std::string line(length, static_cast<char>('a' + said));
        std::string wrapped = "ann> " + line;
        for (std::size_t at = 80; at < wrapped.size(); at += 81) wrapped.insert(at, "\n");
        // At a full row the cursor is at the beginning of the next.
        if ((5 + length) % 80 == 0) wrapped += "\n";
        ann.type(line);
        ann.expect("\n" + wrapped);
        const std::string mark = "bob: " + std::to_string(++said);
        stranger.ask("SET chat::lobby=" + mark);
        ann.expect("\n" + mark + "\n" + wrapped);
        ann.type("\r");
        ann.expect_somewhere("\n" + mark + "\n" + wrapped.substr(0, 3) + ": ");
        ann.expect(line.substr(75 + 80 < length ? 155 : 75 < length ? 75 : 0) + "\nann> ");
        CHECK(count_of("ann> ", ann.text()) == 1);
    }
}

TEST_CASE("line editor: characters of all languages are edited as one, whatever the locale") {
    const NodeProcess node;
    Person bob(node, "bob");
    int said = 0;
    for (const char* locale : {"C", "C.UTF-8"}) {
        CAPTURE(locale);
        const std::string name = "ann" + std::to_string(++said);
        Person ann(node, name, {}, {{"LC_ALL", locale}});
        ann.type(
            "h\xC3\xA4\xE6\x97\xA5\xE6\x9C\xAC\x7F\x7F"
            "llo\x02\x02\x02\xC3\xB6\r");
        ann.expect("\n" + name + ": h\xC3\xA4\xC3\xB6llo\n" + name + "> ");
        bob.expect("\n" + name + ": h\xC3\xA4\xC3\xB6llo\nbob> ");
    }
}

TEST_CASE("line editor: wide characters wrap as the terminal wraps them") {
    const NodeProcess node;
    Person ann(node, "ann");
    auto stranger = node.log_in();
    std::string line;
    for (int i = 0; i < 38; ++i)
        line += "\xE6\x97\xA5";  // two cells each, after five of the prompt
    ann.type(line);
    const std::string wrapped = "ann> " + line.substr(0, 37 * 3) + "\n" + line.substr(37 * 3);
    ann.expect("\n" + wrapped);
    stranger.ask("SET chat::lobby=bob: hello");
    ann.expect("\n-- nobody else is here\nbob: hello\n" + wrapped);
}

TEST_CASE("line editor: lines pasted together are sent one by one") {
    const NodeProcess node;
    Person ann(node, "ann");
    Person bob(node, "bob");
    ann.expect("-- bob joined\nann> ");
    ann.type("one\rtwo\rthree\rfour");
    ann.expect("-- bob joined\nann: one\nann: two\nann: three\nann> four");
    bob.expect("\nann: one\nann: two\nann: three\nbob> ");
}

TEST_CASE("line editor: the arrow up brings back what was typed") {
    const NodeProcess node;
    Person ann(node, "ann");
    ann.type("first\r");
    ann.expect("\nann: first\nann> ");
    ann.type("second\r");
    ann.expect("\nann: second\nann> ");
    ann.type(up + up);
    ann.expect("\nann> first");
    ann.type("!\r");
    ann.expect("\nann: first!\nann> ");
    ann.type(up);
    ann.expect("\nann> first!");
}

TEST_CASE("line editor: the Escape key alone holds nothing up") {
    const NodeProcess node;
    Person ann(node, "ann");
    auto stranger = node.log_in();
    ann.type("ab\x1B");
    ann.expect("\nann> ab");
    stranger.ask("SET chat::lobby=bob: hello");
    ann.expect("\nbob: hello\nann> ab");
}

TEST_CASE("line editor: follows the width of the window") {
    const NodeProcess node;
    Person ann(node, "ann");
    auto stranger = node.log_in();
    ann.type("0123456789");
    ann.expect("\nann> 0123456789");
    ann.resize(40);
    // What comes over the net after it is printed when the new width is known.
    stranger.ask("SET chat::lobby=bob: hi");
    ann.expect("\nbob: hi\nann> 0123456789");
    ann.type(std::string(40, 'x'));
    const std::string wrapped =
        "ann> 0123456789" + std::string(25, 'x') + "\n" + std::string(15, 'x');
    ann.expect("\n" + wrapped);
    stranger.ask("SET chat::lobby=bob: hello");
    ann.expect("\nbob: hi\nbob: hello\n" + wrapped);
}

TEST_CASE("line editor: goes on after the shell had the terminal") {
    const NodeProcess node;
    Person ann(node, "ann");
    ann.type("half");
    ann.expect("\nann> half");
    ann.signal(SIGSTOP);
    ann.make_ordinary();
    ann.signal(SIGCONT);
    ann.expect_editor();
    ann.type(" a line");
    ann.expect("\nann> half a line");
    ann.type("\r");
    ann.expect("\n-- nobody else is here\nann: half a line\nann> ");
}
