#include <doctest/doctest.h>

#include <csignal>
#include <string>

#include "tests/chat/chat_programs.hpp"

using namespace clacks::test;

TEST_CASE("bot: repeats what simon says, and nothing else") {
    const NodeProcess node;
    Person ann(node, "ann");
    const Bot bot(node, ann);
    ann.type("simon says jump\r");
    ann.expect("\nann: simon says jump\nbot: jump\nann> ");
    ann.type("jump\rSimon Says Stop!\r");
    ann.expect("\nann: jump\nann: Simon Says Stop!\nbot: Stop!\nann> ");
    ann.type("bot: help\r");
    ann.expect("\nbot: I know 'bot: count' and 'simon says ...'\nann> ");
}

TEST_CASE("bot: counts what is said, in the store, where it outlives the bot") {
    const NodeProcess node;
    Person ann(node, "ann");
    {
        Bot bot(node, ann);
        ann.type("one\r/me shrugs\rbot: count\r");
        ann.expect("\nann: bot: count\nbot: lines so far: 2\nann> ");
        bot.signal(SIGTERM);
        CHECK(bot.wait() == 0);
        CHECK(bot.output() == "listening as bot; Ctrl-C ends it\n");
        CHECK(bot.errors() == "");
        ann.expect("\n-- bot left\nann> ");
    }
    CHECK(node.log_in().ask("RETRIEVE chat::lobby::count") == "RETRIEVED chat::lobby::count=2\n");
    auto witness = node.log_in();
    witness.ask("LISTEN chat::lobby");
    ann.type("nobody counts\r");
    ann.expect("\nann: nobody counts\nann> ");
    CHECK(witness.line().find("nobody counts") !=
          std::string::npos);  // before the next bot listens
    const Bot again(node, ann);
    ann.expect("\n-- bot left\nann: nobody counts\n-- bot joined\nann> ");
    ann.type("bot: count\r");
    ann.expect("\nbot: lines so far: 3\nann> ");
}

TEST_CASE("bot: when the clock strikes it tells what is new, if anything") {
    const NodeProcess node;
    Person ann(node, "ann");
    const Bot bot(node, ann);
    auto clock = node.log_in();
    ann.type("one\rtwo\rbot: count\r");
    ann.expect("\nbot: lines so far: 3\nann> ");
    clock.ask("NOTIFY chat::clock");
    ann.expect("\nbot: lines since the clock last struck: 3\nann> ");
    clock.ask("NOTIFY chat::clock");
    ann.type("simon says four\r");
    ann.expect("\nbot: four\nann> ");
    CHECK(count_of("last struck", ann.text()) == 1);
    clock.ask("NOTIFY chat::clock");
    ann.expect("\nbot: lines since the clock last struck: 1\nann> ");
}

TEST_CASE("bot: goes on after a restart of its node") {
    NodeProcess node;
    Person ann(node, "ann");
    Bot bot(node, ann);
    node.kill();
    bot.wait_for("connection lost");
    node.start();
    bot.wait_for("connected again");
    ann.expect("\n-- connected again\nann> ");
    ann.type("simon says hello\r");
    ann.expect("\nann: simon says hello\nbot: hello\nann> ");
}
