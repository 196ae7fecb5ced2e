#include <doctest/doctest.h>

#include "tests/client/session.hpp"

using namespace std::chrono_literals;
using clacks::Errc;
using clacks::protocol::Verb;

TEST_CASE("session: each request is followed by a barrier of its own") {
    Session s;
    s.log_in();
    s.retrieve("a");
    s.keys();
    s.flush();
    CHECK(s.says() == "RETRIEVE a | FLUSH c1 | KEYLIST | FLUSH c2 | FLUSH c3");
}

TEST_CASE("session: answers find their requests") {
    Session s;
    s.log_in();
    s.retrieve("a");
    s.retrieve("b");
    s.retrieve("a");
    s.keys();
    s.hears("RETRIEVED a=1=2\nFLUSHED c1\nNOTRETRIEVED b\nFLUSHED c2\n");
    CHECK(s.answers() == "1: RETRIEVED=1=2 | 2: NOTRETRIEVED");
    s.hears("RETRIEVED a=PAGECAMELCLACKSB64:Mg==\nFLUSHED c3\n");
    s.hears("KEYLISTSTART\nKEY a\nKEY e=\nKEYLISTEND\nFLUSHED c4\n");
    CHECK(s.answers() == "3: RETRIEVED=2 | 4: KEY=a, KEY=e=, KEYLISTEND");
}

TEST_CASE("session: an empty value is a value, an empty store has no keys") {
    Session s;
    s.log_in();
    s.retrieve("a");
    s.keys();
    s.hears("RETRIEVED a=\nFLUSHED c1\nKEYLISTSTART\nKEYLISTEND\nFLUSHED c2\n");
    CHECK(s.answers() == "1: RETRIEVED | 2: KEYLISTEND");
}

TEST_CASE("session: answers nobody asked for are nothing") {
    Session s;
    s.log_in();
    s.retrieve("a");
    s.hears(
        "RETRIEVED b=1\nKEYLISTSTART\nKEY x\nKEYLISTEND\nFLUSHED c9\nFLUSHED mine\nFLUSHED c\n");
    CHECK(s.answers() == "");
    s.hears("RETRIEVED a=1\n");
    CHECK(s.answers() == "1: RETRIEVED=1");
}

TEST_CASE("session: a request whose barrier passes without an answer was refused") {
    Session s;
    s.log_in();
    s.retrieve("a");
    s.retrieve("b");
    s.keys();
    s.retrieve("c");
    s.hears(
        "OVERHEAD E permission_denied\nFLUSHED c1\nRETRIEVED b=1\nFLUSHED c2\n"
        "OVERHEAD E busy\nFLUSHED c3\nFLUSHED c4\n");
    CHECK(
        s.answers() ==
        "1: permission denied (permission_denied) | 2: RETRIEVED=1 | 3: the node refused (busy) | "
        "4: the node refused (no answer, and no reason given)");
}

TEST_CASE("session: a barrier answers for what stood before it") {
    Session s;
    s.log_in();
    s.retrieve("a");
    s.retrieve("b");
    s.hears("RETRIEVED b=1\nFLUSHED c2\n");
    CHECK(s.answers() == "2: RETRIEVED=1 | 1: the node refused (no answer to RETRIEVE a)");
}

TEST_CASE("session: flush tells what was refused since the flush before") {
    Session s;
    s.log_in();
    s.flush();
    s.protocol.command(Verb::store, "a", "1");
    s.flush();
    s.flush();
    s.hears("FLUSHED c1\nOVERHEAD E permission_denied\nFLUSHED c2\nFLUSHED c3\n");
    CHECK(s.answers() == "1: done | 2: permission denied (permission_denied) | 3: done");
}

TEST_CASE("session: a request's own refusal is not the flush's, a command's before it is") {
    Session s;
    s.log_in();
    s.retrieve("a");
    s.flush();
    s.hears("OVERHEAD E permission_denied\nFLUSHED c1\nFLUSHED c2\n");
    CHECK(s.answers() == "1: permission denied (permission_denied) | 2: done");

    s.protocol.command(Verb::store, "a", "1");
    s.retrieve("a");
    s.flush();
    s.hears("OVERHEAD E too large\nOVERHEAD E permission_denied\nFLUSHED c3\nFLUSHED c4\n");
    CHECK(s.answers() ==
          "3: permission denied (permission_denied) | 4: the node refused (too large)");
}

TEST_CASE("session: a request without answer fails in time, and its late answer is not taken") {
    Session s({.reply_timeout = 10s});
    s.log_in();
    s.retrieve("a");
    CHECK(s.protocol.deadline() == s.now + 10s);
    s.waits(9s);
    s.retrieve("a");
    s.waits(1s);
    CHECK(s.answers() == "1: no answer in time (no answer to RETRIEVE a in time)");
    s.hears("RETRIEVED a=old\nFLUSHED c1\nRETRIEVED a=new\nFLUSHED c2\n");
    CHECK(s.answers() == "2: RETRIEVED=new");
}

TEST_CASE("session: a forgotten request is not answered") {
    Session s;
    s.log_in();
    s.protocol.forget(s.retrieve("a"));
    s.retrieve("a");
    s.hears("RETRIEVED a=1\nFLUSHED c1\nRETRIEVED a=2\nFLUSHED c2\n");
    CHECK(s.answers() == "2: RETRIEVED=2");
}

TEST_CASE("session: requests wait for a connection, but not for ever") {
    Session s({.reply_timeout = 10s});
    s.retrieve("a");
    s.waits(5s);
    s.retrieve("b");
    s.waits(5s);
    CHECK(s.answers() == "1: no answer in time (no answer to RETRIEVE a in time)");
    CHECK(s.log_in().ends_with("RETRIEVE a | FLUSH c1 | RETRIEVE b | FLUSH c2"));
    s.hears("RETRIEVED a=1\nFLUSHED c1\nRETRIEVED b=2\nFLUSHED c2\n");
    CHECK(s.answers() == "2: RETRIEVED=2");
}

TEST_CASE("session: a reconnect asks again what was on the way, before what was not") {
    Session s;
    s.log_in();
    s.retrieve("a");
    s.retrieve("b");
    s.keys();
    s.says();
    s.hears("RETRIEVED a=1\nFLUSHED c1\nKEYLISTSTART\nKEY stale\n");
    s.retrieve("d");
    s.loses_connection();
    CHECK(s.answers() == "1: RETRIEVED=1");
    CHECK(s.log_in() ==
          "CLACKS test | OVERHEAD A bWU=: | FEATURES | FLUSH c0 | RETRIEVE b | FLUSH c2 | KEYLIST "
          "| FLUSH c3 | "
          "RETRIEVE d | FLUSH c4");
    s.hears(
        "RETRIEVED b=2\nFLUSHED c2\nKEYLISTSTART\nKEY k\nKEYLISTEND\nFLUSHED c3\n"
        "NOTRETRIEVED d\nFLUSHED c4\n");
    CHECK(s.answers() == "2: RETRIEVED=2 | 3: KEY=k, KEYLISTEND | 4: NOTRETRIEVED");
}

TEST_CASE("session: what was asked again is asked again after the next loss too") {
    Session s;
    s.log_in();
    s.retrieve("a");
    s.says();
    s.loses_connection();
    s.protocol.connected(s.now);
    s.loses_connection();
    CHECK(s.log_in().ends_with("OVERHEAD A bWU=: | FEATURES | FLUSH c0 | RETRIEVE a | FLUSH c1"));
}

TEST_CASE("session: a flush on the way fails when the connection is lost") {
    Session s;
    s.log_in();
    s.protocol.command(Verb::store, "a", "1");
    s.flush();
    s.says();
    s.loses_connection();
    CHECK(s.answers() == "1: the connection was lost (gone)");
    s.log_in();
    s.flush();
    s.hears("FLUSHED c2\n");
    CHECK(s.answers() == "2: done");
}

TEST_CASE("session: a flush after the loss tells that commands may be lost") {
    Session s;
    s.log_in();
    s.protocol.command(Verb::store, "a", "1");
    s.says();
    s.loses_connection();
    s.flush();
    s.log_in();
    s.flush();
    s.hears("FLUSHED c1\nFLUSHED c2\n");
    CHECK(s.answers() == "1: the connection was lost (gone) | 2: done");
}

TEST_CASE("session: commands that never left are not lost") {
    Session s;
    s.log_in();
    s.protocol.command(Verb::store, "a", "1");
    s.flush();
    s.loses_connection();
    CHECK(s.log_in().ends_with("STORE a=1 | FLUSH c1"));
    s.hears("FLUSHED c1\n");
    CHECK(s.answers() == "1: done");
}

TEST_CASE("session: commands confirmed by a retrieve are not lost") {
    Session s;
    s.log_in();
    s.protocol.command(Verb::store, "a", "1");
    s.retrieve("a");
    s.says();
    s.hears("RETRIEVED a=1\nFLUSHED c1\n");
    s.loses_connection();
    s.log_in();
    s.flush();
    s.hears("FLUSHED c2\n");
    CHECK(s.answers() == "1: RETRIEVED=1 | 2: done");
}

TEST_CASE("session: a refusal that the lost connection left behind is told by the next flush") {
    Session s;
    s.log_in();
    s.hears("OVERHEAD E permission_denied\n");
    s.loses_connection();
    s.log_in();
    s.flush();
    s.hears("FLUSHED c1\n");
    CHECK(s.answers() == "1: permission denied (permission_denied)");
}

TEST_CASE("session: fail_requests answers everybody who waits, once") {
    Session s;
    s.log_in();
    s.retrieve("a");
    s.flush();
    s.hears("RETRIEVED a=1\n");
    s.protocol.fail_requests({Errc::closed, "closed"});
    s.hears("FLUSHED c1\nFLUSHED c2\n");
    CHECK(s.answers() == "1: RETRIEVED=1 | 2: the client is closed (closed)");
}
