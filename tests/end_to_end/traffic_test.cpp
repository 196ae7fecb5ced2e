#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>

#include "tests/processes/node_process.hpp"

using namespace clacks::test;

namespace {

std::string letters(std::size_t count) {
    std::string text(count, '\0');
    for (std::size_t i = 0; i < count; ++i) text[i] = static_cast<char>('!' + i % 90);
    return text;
}

/// Sends `bytes` in pieces that end anywhere, the first ones tiny.
void send_in_pieces(LineClient& client, std::string_view bytes) {
    std::mt19937 random(3);
    std::uniform_int_distribution<std::size_t> large(1, 200'000);
    for (std::size_t size = 1; !bytes.empty(); size = size < 40 ? size + 1 : large(random)) {
        const auto piece = bytes.substr(0, size);
        client.send(piece);
        bytes.remove_prefix(piece.size());
    }
}

}  // namespace

TEST_CASE("traffic: a value of 8 MiB crosses every way in, cut anywhere") {
    const NodeProcess node;
    const std::string value = letters(8U << 20U);
    auto listener = node.log_in(Way::tls_1_3);
    listener.ask("LISTEN big");
    for (const Way way : every_way) {
        CAPTURE(to_string(way));
        auto client = node.log_in(way);
        send_in_pieces(client, "SETANDSTORE big=" + value + "\r\nRETRIEVE big\r\n");
        CHECK(client.difference_from("RETRIEVED big=" + value + "\r\n") == "");
        CHECK(listener.difference_from("SET big=" + value + "\r\n") == "");
    }
    CHECK(listener.flush() == "");
}

TEST_CASE("traffic: commands cut at every byte are the same commands") {
    const NodeProcess node;
    const std::string commands = "STORE a=1\r\nRETRIEVE a\r\n\r\nINCREMENT a\nRETRIEVE a\r\n";
    for (const Way way : every_way) {
        CAPTURE(to_string(way));
        auto client = node.log_in(way);
        for (std::size_t cut = 0; cut <= commands.size(); ++cut) {
            client.send(commands.substr(0, cut));
            client.send(commands.substr(cut));
            CHECK(client.lines(2) == "RETRIEVED a=1\nRETRIEVED a=2\n");
        }
    }
}

TEST_CASE("traffic: 10,000 commands in one write are answered in order") {
    const NodeProcess node;
    std::string commands;
    std::string answers;
    for (int i = 0; i < 5000; ++i) {
        const std::string n = std::to_string(i);
        commands += "STORE a=" + n + "\r\nRETRIEVE a\r\n";
        answers += "RETRIEVED a=" + n + "\r\n";
    }
    for (const Way way : every_way) {
        CAPTURE(to_string(way));
        auto client = node.log_in(way);
        client.send(commands);
        CHECK(client.difference_from(answers) == "");
        CHECK(client.flush() == "");
    }
}

TEST_CASE("traffic: who asks for more than the socket holds gets it all, if it reads in the end") {
    const NodeProcess node;
    const std::string value = letters(100'000);
    for (const Way way : every_way) {
        CAPTURE(to_string(way));
        auto client = node.log_in(way);
        client.send("STORE a=" + value + "\r\n");
        std::string questions;
        std::string answers;
        for (int i = 0; i < 200; ++i) {
            questions += "RETRIEVE a\r\n";
            answers += "RETRIEVED a=" + value + "\r\n";
        }
        client.send(questions);
        CHECK(client.difference_from(answers) == "");
    }
}
