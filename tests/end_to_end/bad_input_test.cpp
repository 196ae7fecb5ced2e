#include <doctest/doctest.h>

#include <random>
#include <string>

#include "tests/processes/node_process.hpp"

using namespace clacks::test;

namespace {

LineClient raw_tcp(const NodeProcess& node) {
    return LineClient(Stream::to_tcp("127.0.0.1", node.port()));
}

/// Reads until the peer closes; what it said.
std::string bytes_until_closed(LineClient& client) {
    std::string all;
    while (client.stream().read(all)) {
    }
    return all;
}

std::string random_bytes(std::size_t count) {
    std::mt19937 random(7);
    std::uniform_int_distribution<int> byte(0, 255);
    std::string bytes;
    while (bytes.size() < count) bytes += static_cast<char>(byte(random));
    return bytes;
}

}  // namespace

TEST_CASE("bad input: plain text on a TLS port is answered in plain text") {
    const NodeProcess node;
    for (const char* hello : {"CLACKS x\r\nOVERHEAD A x:x\r\n", "GET / HTTP/1.1\r\n\r\n", "\n"}) {
        CAPTURE(hello);
        auto client = raw_tcp(node);
        client.send(hello);
        CHECK(client.lines_until_closed() == "OVERHEAD E tls_required this port speaks TLS only\n");
    }
    node.wait_for("the peer speaks plain text to a TLS port", 3);
}

TEST_CASE("bad input: a web browser is told at once what it has found") {
    const NodeProcess node;
    for (const Way way : every_way) {
        CAPTURE(to_string(way));
        auto client = node.connect(way);
        client.say("GET /index.html HTTP/1.1\nHost: localhost\n\n");
        CHECK(client.lines_until_closed().ends_with(
            "\nOVERHEAD E not_clacks expected CLACKS <name> as the first line\n"));
    }
    node.wait_for("not_clacks client=", 3);
    CHECK(node.log().find("index.html") == std::string::npos);  // it might be a mistyped login
}

TEST_CASE("bad input: random bytes end their connection and no other") {
    const NodeProcess node;
    auto witness = node.log_in();
    auto plain = node.connect();
    plain.send(random_bytes(20'000));
    CHECK(bytes_until_closed(plain).find("OVERHEAD E ") != std::string::npos);
    auto over_tls = node.connect(Way::tls_1_3);
    over_tls.send(random_bytes(20'000));
    CHECK(bytes_until_closed(over_tls).find("OVERHEAD E ") != std::string::npos);
    auto bad_record = raw_tcp(node);
    bad_record.send("\x16\x03\x01\x40" + random_bytes(20'000));
    bytes_until_closed(bad_record);
    node.wait_for("warning tls_error");
    CHECK(witness.flush() == "");
}

TEST_CASE("bad input: a stranger's endless line or endless lines are cut off") {
    const NodeProcess node;
    for (const Way way : every_way) {
        CAPTURE(to_string(way));
        auto endless = node.connect(way);
        endless.send("CLACKS " + std::string(9000, 'x'));
        CHECK(endless.lines_until_closed().ends_with(
            "\nOVERHEAD E flood too much input before the login\n"));
        auto many = node.connect(way);
        std::string lines;
        for (int i = 0; i < 1001; ++i) lines += "CLACKS x\r\n";
        many.send(lines);
        CHECK(many.lines_until_closed().ends_with(
            "\nOVERHEAD E flood too much input before the login\n"));
    }
    node.wait_for("reason=flood", 6);
}

TEST_CASE("bad input: half a TLS handshake holds up nobody") {
    const NodeProcess node({.more = "threads: 1\n"});
    auto nothing = raw_tcp(node);
    auto half = raw_tcp(node);
    half.send(std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11));
    for (const Way way : every_way) {
        CAPTURE(to_string(way));
        CHECK(node.log_in(way).ask("RETRIEVE a") == "NOTRETRIEVED a\n");
    }
}

TEST_CASE("bad input: half a line before a reset is not executed") {
    const NodeProcess node;
    auto witness = node.log_in();
    int ended = 0;
    for (const Way way : every_way) {
        CAPTURE(to_string(way));
        auto client = node.log_in(way);
        client.ask("STORE whole=1");
        client.send("STORE half=1");
        client.stream().reset();
        node.wait_for("reason=peer_closed", ++ended);
    }
    CHECK(witness.ask("RETRIEVE whole\nRETRIEVE half") == "RETRIEVED whole=1\nNOTRETRIEVED half\n");
}

TEST_CASE(
    "bad input: zeros, control characters and foreign bytes in a value come out as they went in") {
    const NodeProcess node;
    std::string value;
    for (int byte = 0; byte < 256; ++byte) {
        if (byte != '\n' && byte != '\r') value += static_cast<char>(byte);
    }
    for (const Way way : every_way) {
        CAPTURE(to_string(way));
        auto client = node.log_in(way);
        client.send("STORE a=" + value + "\r\nRETRIEVE a\r\n");
        CHECK(client.difference_from("RETRIEVED a=" + value + "\r\n") == "");
    }
}
