#include <doctest/doctest.h>

#include <string>

#include "tests/processes/node_process.hpp"

using namespace clacks::test;

namespace {

/// Reads what is left, whole lines or not. Throws if the peer does not close.
std::string all_until_closed(LineClient& client) {
    std::string all;
    while (client.stream().read(all)) {
    }
    return all;
}

}  // namespace

TEST_CASE("timeouts: who does not log in is told TIMEOUT and closed") {
    const NodeProcess node({.more = "timeouts: {authentication: 300ms}\n"});
    auto silent = node.connect(Way::unix_socket);
    auto talking = node.connect(Way::tls_1_3);
    talking.say("CLACKS x\nSTORE a=1\nPING");
    auto half_handshake = LineClient(Stream::to_tcp("127.0.0.1", node.port()));
    half_handshake.send("\x16\x03\x01");
    auto speechless = LineClient(Stream::to_tcp("127.0.0.1", node.port()));
    CHECK(silent.lines_until_closed().ends_with(" required\n\nTIMEOUT\n"));
    CHECK(talking.lines_until_closed().ends_with(" required\n\nTIMEOUT\n"));
    CHECK(half_handshake.lines_until_closed() == "");
    CHECK(speechless.lines_until_closed() == "");
    node.wait_for("reason=login_timeout", 4);
    CHECK(node.log_in().ask("RETRIEVE a") == "NOTRETRIEVED a\n");
}

TEST_CASE("timeouts: only PING keeps a client, and NOPING suspends that") {
    // One worker: what is due within a moment is closed in its order.
    const NodeProcess node({.more = "timeouts: {ping: 4s}\nthreads: 1\n"});
    // In the order of their logins. Without their last words they would die in this order, too.
    auto exempt = node.log_in(Way::unix_socket);
    auto pinging = node.log_in(Way::tls_1_3);
    auto talking = node.log_in(Way::tls_1_3);
    auto silent = node.log_in(Way::unix_socket);
    talking.ask("RETRIEVE a\nNOTIFY a");
    exempt.ask("NOPING");
    pinging.ask("PING");
    CHECK(talking.lines_until_closed() == "\nTIMEOUT\n");
    CHECK(silent.lines_until_closed() == "\nTIMEOUT\n");
    CHECK(pinging.lines_until_closed() == "\nTIMEOUT\n");
    CHECK(exempt.ask("PING") == "");
    CHECK(exempt.lines_until_closed() == "\nTIMEOUT\n");
    node.wait_for("reason=ping_timeout", 4);
    const std::string log = node.log();
    const auto end_of = [&](int serial) {  // a client id ends in its serial
        return log.find(":" + std::to_string(serial) + " user=clacks reason=ping_timeout");
    };
    CHECK(end_of(3) < end_of(4));
    CHECK(end_of(4) < end_of(2));
    CHECK(end_of(2) < end_of(1));
}

TEST_CASE("timeouts: a NOP goes to whom nothing was sent") {
    const NodeProcess node({.more = "timeouts: {keepalive: 100ms}\n"});
    for (const Way way : every_way) {
        CAPTURE(to_string(way));
        auto client = node.log_in(way);
        CHECK(client.lines(2) == "NOP\nNOP\n");
    }
}

TEST_CASE("timeouts: who takes none of its data is dropped, NOPING or not") {
    const NodeProcess node({.more = "timeouts: {stalled_write: 500ms}\n"});
    auto publisher = node.log_in();
    auto reading = node.log_in(Way::tls_1_3);
    reading.ask("LISTEN a");
    const std::string value(1U << 20U, 'v');
    int dropped = 0;
    for (const Way way : every_way) {
        CAPTURE(to_string(way));
        auto stalled = node.log_in(way);
        stalled.ask("NOPING\nLISTEN a");
        for (int i = 0; i < 16; ++i) {
            publisher.send("SET a=" + value + "\r\n");
            CHECK(reading.difference_from("SET a=" + value + "\r\n") == "");
        }
        node.wait_for("reason=stalled_write", ++dropped);
        const std::string got = all_until_closed(stalled);
        CHECK(got.size() < 16 * value.size());
        CHECK(got.find("vTIMEOUT") == std::string::npos);  // no line is cut by the last words
        CHECK(count_of("TIMEOUT", got) == count_of("v\r\n\r\nTIMEOUT\r\n", got));
        CHECK(reading.flush() == "");
    }
}
