#include <doctest/doctest.h>

#include "tests/client/session.hpp"

using clacks::Errc;
using clacks::error_code;
using clacks::Step;
using clacks::protocol::Verb;
using namespace std::string_view_literals;

TEST_CASE("session: each command is one line") {
    Session s;
    s.log_in();
    s.protocol.command(Verb::notify, "n");
    s.protocol.command(Verb::set, "a", "1");
    s.protocol.command(Verb::set_and_store, "a::b", "");
    s.protocol.command(Verb::store, "a", "x=y z");
    s.protocol.command(Verb::remove, "a");
    s.protocol.count(Verb::increment, "c", {});
    s.protocol.count(Verb::decrement, "c", -2.5);
    s.protocol.clear_cache();
    s.protocol.listen("l");
    s.protocol.listen("l");
    s.protocol.unlisten("l");
    s.protocol.unlisten("l");
    s.protocol.monitor({});
    s.protocol.monitor({});
    s.protocol.unmonitor();
    CHECK(s.says() ==
          "NOTIFY n | SET a=1 | SETANDSTORE a::b= | STORE a=x=y z | REMOVE a | INCREMENT c=1 | "
          "DECREMENT c=-2.5 | CLEARCACHE | LISTEN l | UNLISTEN l | MONITOR | UNMONITOR");
}

TEST_CASE("session: a value with line breaks travels encoded and arrives as it was") {
    Session s;
    s.log_in();
    s.protocol.command(Verb::set, "a", "one\r\ntwo");
    const std::string line = s.says();
    CHECK(line == "SET a=PAGECAMELCLACKSB64:b25lDQp0d28=");
    s.hears(line + "\n");
    CHECK(s.messages() == "set a=one\r\ntwo");
}

TEST_CASE("session: a name that a line cannot carry is refused") {
    Session s;
    s.log_in();
    for (const auto name : {""sv, " "sv, "a b"sv, "a=b"sv, "a\n"sv, "a\rb"sv, "a\0b"sv}) {
        CAPTURE(name);
        CHECK(s.protocol.listen(name) == Errc::invalid_name);
        CHECK(s.protocol.unlisten(name) == Errc::invalid_name);
        CHECK(s.protocol.command(Verb::store, name, "v") == Errc::invalid_name);
        CHECK(s.protocol.count(Verb::increment, name, {}) == Errc::invalid_name);
        CHECK(s.protocol.ask(clacks::detail::Question::retrieve(name), s.now).error() ==
              Errc::invalid_name);
    }
    CHECK(s.says() == "");
}

TEST_CASE("session: a step that is no number is refused") {
    Session s;
    s.log_in();
    for (const char* text : {"", "x", "1x", " 1", "1 ", "0x10", "inf", "nan", "1\nQUIT", "1=2"}) {
        CAPTURE(text);
        CHECK(s.protocol.count(Verb::increment, "c", Step(std::string(text))) ==
              Errc::invalid_step);
    }
    CHECK(s.says() == "");
    for (const char* text : {"0", "-3", "1.25", "1e3", "9007199254740993"})
        CHECK(s.protocol.count(Verb::increment, "c", Step(std::string(text))) == error_code());
    CHECK(s.says() ==
          "INCREMENT c=0 | INCREMENT c=-3 | INCREMENT c=1.25 | INCREMENT c=1e3 | "
          "INCREMENT c=9007199254740993");
}

TEST_CASE("session: a line over the limit is refused whole") {
    Session s({.line_bytes = 20});
    s.log_in();
    CHECK(s.protocol.command(Verb::store, "a", std::string(12, 'x')) == error_code());
    CHECK(s.protocol.command(Verb::store, "a", std::string(13, 'x')) == Errc::value_too_large);
    CHECK(s.says() == "STORE a=xxxxxxxxxxxx");
}

TEST_CASE("session: the queue takes what fits, and any one line when it is empty") {
    Session s({.output_bytes = 20});
    CHECK(s.protocol.command(Verb::set, "a", std::string(30, 'x')) == error_code());
    CHECK(s.protocol.command(Verb::set, "a", "") == Errc::queue_full);
    CHECK(s.log_in().ends_with("SET a=" + std::string(30, 'x')));
    CHECK(s.protocol.command(Verb::set, "a", "1234") == error_code());  // 12 bytes on the wire
    CHECK(s.protocol.command(Verb::set, "b", "") == error_code());      // and 8
    CHECK(s.protocol.command(Verb::notify, "c") == Errc::queue_full);
    CHECK(s.protocol.listen("c") == Errc::queue_full);
    CHECK(s.says() == "SET a=1234 | SET b=");
    s.loses_connection();
    CHECK_FALSE(s.log_in().ends_with("LISTEN c"));
}

TEST_CASE("session: a request has room when commands fill the queue") {
    Session s({.output_bytes = 10});
    s.log_in();
    s.protocol.command(Verb::set, "a", "1234");
    CHECK(s.protocol.command(Verb::notify, "b") == Errc::queue_full);
    s.flush();
    CHECK(s.says() == "SET a=1234 | FLUSH c1");
}

TEST_CASE("session: a request has room behind one line that is longer than the queue") {
    Session s({.output_bytes = 10});
    s.log_in();
    CHECK(s.protocol.command(Verb::set, "a", std::string(100'000, 'x')) == error_code());
    CHECK(s.protocol.command(Verb::notify, "b") == Errc::queue_full);
    s.flush();
    CHECK(s.says().ends_with("x | FLUSH c1"));
}

TEST_CASE("session: a refusal is a message with the node's words") {
    Session s;
    s.log_in();
    s.hears("OVERHEAD E permission_denied\nOVERHEAD E unknown_command FOO bar\n");
    CHECK(s.messages() == "error permission_denied | error unknown_command FOO bar");
}

TEST_CASE("session: a line over the limit that arrives is dropped and reported") {
    Session s({.line_bytes = 100});
    s.log_in("FEATURES tree\n");
    s.hears("SET a=" + std::string(100, 'x') + "\nSET b=1\n");
    CHECK(s.messages() == "error a line of more than 100 bytes was dropped (line_bytes) | set b=1");
}

TEST_CASE("session: who listens asks to be told of gaps, once a connection") {
    Session s;
    s.log_in("FEATURES gaps\n");
    CHECK(s.says() == "");
    s.protocol.listen("a");
    CHECK(s.says() == "GAPS 1 | LISTEN a");
    s.protocol.listen("b");
    CHECK(s.says() == "LISTEN b");
    s.loses_connection();
    CHECK(s.log_in("FEATURES gaps\n").ends_with("LISTEN a | LISTEN b | GAPS 1"));
}

TEST_CASE("session: listen and retrieve is a listen, and asks for gaps too") {
    Session s;
    s.log_in("FEATURES gaps listenandretrieve\n");
    s.ask(clacks::detail::Question::listen_and_retrieve("a"));
    CHECK(s.says() == "GAPS 1 | LISTENANDRETRIEVE a | FLUSH c1");
}

TEST_CASE("session: a node without gaps is never asked for them") {
    for (const char* features : {Session::plain, "FEATURES patterns\n"}) {
        CAPTURE(features);
        Session s;
        s.protocol.listen("a");
        CHECK(s.log_in(features).ends_with("FLUSH c0 | LISTEN a"));
        s.protocol.listen("b");
        CHECK(s.says() == "LISTEN b");
    }
}

TEST_CASE("session: a gap comes between the signals where it is, with its name and number") {
    Session s;
    s.log_in();
    s.hears("SET a=1\nGAP a 12\nGAP ** 3\nSET a=14\n");
    CHECK(s.messages() == "set a=1 | gap a 12 | gap ** 3 | set a=14");
    s.hears("GAP a\nGAP a many\nGAP a -1\nGAP a 0\n");
    CHECK(s.messages() == "");
}

TEST_CASE("session: how many lines a monitor misses is a gap without a name") {
    Session s;
    s.log_in();
    s.protocol.monitor({});
    s.hears("DEBUG 1:1:1=SET a=1\nDEBUG MONITOR=MISSED=12\nDEBUG 1:1:1=SET a=14\n");
    CHECK(s.messages() == "debug 1:1:1=SET a=1 | gap  12 | debug 1:1:1=SET a=14");
    s.hears("DEBUG MONITOR=MISSED=\nDEBUG MONITOR=MISSED=0\n");
    CHECK(s.messages() == "");
}

TEST_CASE("session: reading pauses while the inbox is full, and nothing is lost") {
    Session s({.received_bytes = 300});
    s.log_in();
    CHECK(s.protocol.wants_input());
    s.hears("SET a=1\nSET a=2\nSET a=3\nSET a=4\n");
    CHECK_FALSE(s.protocol.wants_input());
    CHECK(s.messages() == "set a=1 | set a=2 | set a=3 | set a=4");
    CHECK(s.protocol.wants_input());
}

TEST_CASE("session: an answer is never held up, and what is dropped for it is counted") {
    Session s({.received_bytes = 1});
    s.log_in();
    s.hears("SET a=1\n");
    CHECK_FALSE(s.protocol.wants_input());
    s.retrieve("k");
    CHECK(s.protocol.wants_input());
    s.hears("SET a=2\nNOTIFY a\nRETRIEVED k=v\nSET a=3\nFLUSHED c1\n");
    CHECK(s.answers() == "1: RETRIEVED=v");
    CHECK(s.messages() == "set a=1 | lost 2 | set a=3");
}

TEST_CASE("session: who never takes messages does not collect reconnects") {
    Session s({.received_bytes = 1});
    for (int i = 0; i < 4; ++i) {
        s.log_in();
        s.loses_connection();
    }
    CHECK(s.messages() == "disconnected | lost 6");
}
