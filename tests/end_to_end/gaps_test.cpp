#include <doctest/doctest.h>
#include <clacks/blocking.hpp>

#include <string>

#include "tests/processes/node_process.hpp"
#include "tests/processes/patience.hpp"

using namespace clacks::test;

TEST_CASE("gaps: a program that stops reading keeps its connection and learns what it missed") {
    constexpr std::size_t count = 20'000;
    const NodeProcess node({.more = "limits: {output: 64KiB}\n"});
    clacks::BlockingClient listener({.url = node.unix_url(),
                                     .user = main_user,
                                     .password = main_password,
                                     .received_bytes = 4096});
    listener.connect();
    listener.listen("a");
    listener.flush();
    auto publisher = node.log_in();
    const std::string line = "SET a=" + std::string(100, 'x') + "\n";
    std::string lines;
    for (std::size_t i = 0; i < count; ++i) lines += line;
    CHECK(publisher.ask(lines + "PING") == "");

    std::size_t arrived = 0;
    std::size_t missed = 0;
    while (arrived + missed < count) {
        const auto message = listener.receive(patience);
        REQUIRE(message);
        if (message->kind == clacks::Message::Kind::gap) {
            CHECK(message->name == "a");
            missed += message->count;
        } else {
            REQUIRE(message->kind == clacks::Message::Kind::set);
            ++arrived;
        }
    }
    CHECK(arrived + missed == count);
    CHECK(missed > 0);
    publisher.ask("NOTIFY a");
    CHECK(listener.receive(patience)->kind == clacks::Message::Kind::notify);
}
