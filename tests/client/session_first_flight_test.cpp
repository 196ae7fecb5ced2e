// What goes out with the login, and what becomes of it.
#include <doctest/doctest.h>

#include "tests/client/session.hpp"

using clacks::Errc;
using clacks::protocol::Verb;
using FirstFlight = Session::FirstFlight;

namespace {

constexpr const char* login_lines = "CLACKS test | OVERHEAD A bWU=: | FEATURES | FLUSH c0";

/// A session with a store, a read, a count and a flush queued, whose connection opens.
struct Opening : Session {
    Opening() {
        protocol.command(Verb::store, "a", "1");
        retrieve("b");
        ask(clacks::detail::Question::increment_and_retrieve("n", {}));
        flush();
        protocol.connected(now, FirstFlight::everything);
    }
};

constexpr const char* queued =
    " | STORE a=1 | RETRIEVE b | FLUSH c1 | INCREMENTANDRETRIEVE n=1 | FLUSH c2 | FLUSH c3";

}  // namespace

TEST_CASE("first flight: what is queued goes with the login, what comes later follows at once") {
    Opening s;
    CHECK(s.says() == std::string(login_lines) + queued);
    s.retrieve("c");
    CHECK(s.says() == "RETRIEVE c | FLUSH c4");
    s.hears(
        "CLACKS node\nOVERHEAD O Welcome!\nFEATURES increment_and_retrieve\nFLUSHED c0\n"
        "NOTRETRIEVED b\nFLUSHED c1\nRETRIEVED n=1\nFLUSHED c2\nFLUSHED c3\n"
        "RETRIEVED c=2\nFLUSHED c4\n");
    CHECK(s.answers() == "1: NOTRETRIEVED | 2: RETRIEVED=1 | 3: done | 4: RETRIEVED=2");
    CHECK(s.says() == "");
}

TEST_CASE("first flight: answers before the welcome, as Net::Clacks may send them, are answers") {
    Session s;
    s.retrieve("b");
    s.flush();
    s.protocol.connected(s.now, FirstFlight::everything);
    s.says();
    s.hears("CLACKS node\nOVERHEAD E permission_denied\nRETRIEVED b=1\nFLUSHED c1\n");
    CHECK(s.protocol.ready());
    s.hears("OVERHEAD O Welcome!\nOVERHEAD E unknown_command FEATURES\nFLUSHED c2\n");
    CHECK(s.answers() == "1: RETRIEVED=1 | 2: permission denied (permission_denied)");
}

TEST_CASE(
    "first flight: a node that lets nobody in has executed nothing, and all is queued again") {
    for (const char* refusal : {"CLACKS node\nOVERHEAD F Login failed!\n", "220 mail ESMTP\n",
                                "CLACKS node\nOVERHEAD E login_delayed seconds=1 (because)\n",
                                "OVERHEAD E too_many_connections limit=2 (limits.connections)\n"}) {
        CAPTURE(refusal);
        Opening s;
        s.says();
        s.protocol.command(Verb::store, "later", "2");
        CHECK(s.hears(refusal) != "");
        s.loses_connection();
        CHECK(s.answers() == "");
        CHECK(s.log_in() == std::string(login_lines) + " | " + std::string(queued).substr(3) +
                                " | STORE later=2");
        s.hears("FLUSHED c1\nFLUSHED c2\nFLUSHED c3\n");
        CHECK(s.answers().ends_with("3: done"));
    }
}

TEST_CASE("first flight: of a login without answer only what reads is asked again") {
    for (const char* heard : {"", "CLACKS node\n", "CLACKS node\nOVERHEAD M hello\n"}) {
        CAPTURE(heard);
        Opening s;
        s.says();
        s.hears(heard);
        s.loses_connection();
        CHECK(s.answers() ==
              "2: the connection was lost (gone) | 3: the connection was lost (gone)");
        CHECK(s.log_in() == std::string(login_lines) + " | RETRIEVE b | FLUSH c1");
        s.hears("RETRIEVED b=1\nFLUSHED c1\n");
        CHECK(s.answers() == "1: RETRIEVED=1");
    }
}

TEST_CASE("first flight: commands whose fate is unknown are told by the next flush, once") {
    Session s;
    s.protocol.command(Verb::store, "a", "1");
    s.protocol.connected(s.now, FirstFlight::everything);
    s.says();
    s.loses_connection();
    s.log_in();
    s.flush();
    s.flush();
    s.hears("FLUSHED c1\nFLUSHED c2\n");
    CHECK(s.answers() == "1: the connection was lost (gone) | 2: done");
}

TEST_CASE("first flight: commands that a refused login sent back are not lost later") {
    Session s;
    s.protocol.command(Verb::store, "a", "1");
    s.protocol.connected(s.now, FirstFlight::everything);
    s.says();
    s.hears("CLACKS node\nOVERHEAD F Login failed!\n");
    s.loses_connection();
    s.protocol.connected(s.now);
    s.says();
    s.loses_connection();
    CHECK(s.log_in().ends_with(" | STORE a=1"));
    s.flush();
    s.hears("FLUSHED c1\n");
    CHECK(s.answers() == "1: done");
}

TEST_CASE("first flight: after the welcome a loss is a loss") {
    Opening s;
    s.says();
    s.hears("CLACKS node\nOVERHEAD O Welcome!\nFEATURES increment_and_retrieve\nFLUSHED c0\n");
    s.loses_connection();
    CHECK(s.answers() == "2: the connection was lost (gone) | 3: the connection was lost (gone)");
    CHECK(s.log_in() == std::string(login_lines) + " | RETRIEVE b | FLUSH c1");
}
