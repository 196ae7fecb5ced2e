#include <doctest/doctest.h>

#include <csignal>
#include <ctime>
#include <string>

#include "tests/chat/chat_programs.hpp"

using namespace clacks::test;

namespace {

/// As the chat shows it; the programs here run in UTC.
std::string minute(std::time_t when) {
    char text[] = "00:00";
    std::tm parts{};
    std::strftime(text, sizeof text, "%H:%M", ::gmtime_r(&when, &parts));
    return text;
}

}  // namespace

TEST_CASE("clock: strikes again and again, and the chat shows the time") {
    const NodeProcess node;
    Person ann(node, "ann");
    ann.type("half");
    const Process clock({CHAT_CLOCK_FILE, "--every", "200ms"}, environment_for(node));
    const std::time_t before = std::time(nullptr);
    ann.wait_until("it strikes three times",
                   [&] { return count_of("-- it is ", ann.text()) >= 3; });
    const std::time_t after = std::time(nullptr);
    const std::string shown = ann.text().substr(ann.text().find("-- it is ") + 9, 5);
    CAPTURE(shown);
    CHECK((shown == minute(before) || shown == minute(after)));
    ann.expect("\nann> half");
}

TEST_CASE("clock: goes on after a restart of its node") {
    NodeProcess node;
    Process clock({CHAT_CLOCK_FILE, "--every", "100ms"}, environment_for(node));
    auto witness = node.log_in();
    witness.ask("LISTEN chat::clock");
    CHECK(witness.line() == "NOTIFY chat::clock");
    node.kill();
    clock.wait_for("connection lost: ");
    node.start();
    clock.wait_for("connected again");
    auto second_witness = node.log_in();
    second_witness.ask("LISTEN chat::clock");
    CHECK(second_witness.line() == "NOTIFY chat::clock");
}

TEST_CASE("clock: says that it has begun, and ends well however it is told to") {
    const NodeProcess node;
    for (const int signal : {SIGINT, SIGTERM}) {
        CAPTURE(signal);
        auto witness = node.log_in();
        witness.ask("LISTEN chat::clock");
        Process clock({CHAT_CLOCK_FILE, "--every", "100ms"}, environment_for(node));
        CHECK(witness.line() == "NOTIFY chat::clock");
        CHECK(clock.output() == "striking every 100 ms; Ctrl-C ends it\n");
        clock.signal(signal);
        CHECK(clock.wait() == 0);
        CHECK(clock.errors() == "");
    }
}
