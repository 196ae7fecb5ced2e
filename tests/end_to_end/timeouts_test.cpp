#include <doctest/doctest.h>

#include <string>

#include "tests/end_to_end/tree.hpp"
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

/// Logs in and says `lines` in one packet, and reads the greeting and the welcome.
LineClient enter(const NodeProcess& node, Way way, std::string_view lines) {
    auto client = node.connect(way);
    client.say(LineClient::login_lines(main_user, main_password) + std::string(lines));
    client.lines_until("OVERHEAD O Welcome!");
    return client;
}

}  // namespace

TEST_CASE("timeouts: who does not log in is told TIMEOUT and closed") {
    const NodeProcess node({.more = "timeouts: {authentication: 3s}\n"});
    auto other = node.log_in();
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
    CHECK(other.ask("RETRIEVE a") == "NOTRETRIEVED a\n");
}

TEST_CASE("timeouts: only PING keeps a client, and NOPING suspends that") {
    // One worker: what is due is closed in its order, however late that is.
    const NodeProcess node({.more = "timeouts: {ping: 1s}\nthreads: 1\n"});
    // What follows the login in the same packet is in time on any machine.
    auto exempt = enter(node, Way::unix_socket, "NOPING");
    auto pinging = enter(node, Way::tls_1_3, "NOPING");
    auto talking = enter(node, Way::tls_1_3, "RETRIEVE a\nNOTIFY a");
    auto silent = enter(node, Way::unix_socket, "");
    CHECK(pinging.ask("PING") == "");
    CHECK(talking.lines_until_closed() == "NOTRETRIEVED a\n\nTIMEOUT\n");
    CHECK(silent.lines_until_closed() == "\nTIMEOUT\n");
    CHECK(pinging.lines_until_closed() == "\nTIMEOUT\n");
    CHECK(exempt.ask("PING") == "");
    CHECK(exempt.lines_until_closed() == "\nTIMEOUT\n");
    node.wait_for("reason=ping_timeout", 4);
    const std::string log = node.log();
    const auto end_of = [&](int serial) {  // a client id ends in its serial
        return log.find(":" + std::to_string(serial) + " user=clacks reason=ping_timeout");
    };
    CHECK(end_of(3) < end_of(2));
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
    // Those who must stay are at a node that has patience with them.
    const NodeProcess patient({.name = "patient"});
    auto config = below(patient.unix_url(), "impatient");
    config.more += "timeouts: {stalled_write: 500ms}\n";
    const NodeProcess node(std::move(config));
    wait_until_linked(node, patient);
    auto publisher = patient.log_in();
    auto reading = patient.log_in(Way::tls_1_3);
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
    CHECK(count_of("link_down", node.log()) == 0);
}
