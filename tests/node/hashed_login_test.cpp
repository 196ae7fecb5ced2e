// Logins whose password is verified elsewhere, and what happens until the answer is there.
#include <doctest/doctest.h>

#include <string>

#include "tests/node/test_node.hpp"

using namespace clacks::node;
using namespace std::chrono_literals;

namespace {

Settings with_hashes() {
    Settings settings = TestNode::default_settings();
    settings.users.push_back({.name = "hashed", .password = "hash:x", .permissions = {}});
    settings.users.back().hashed = true;
    settings.users.back().permissions.add(clacks::protocol::Permission::read);
    settings.nobodys_password = "hash:-";
    return settings;
}

TestPeer& begins_login(TestNode& node, const std::string& password,
                       const std::string& behind = "") {
    TestPeer& peer = node.connect().forget();
    peer.says_bytes("CLACKS x\n" + node.login("hashed", password) + "\n" + behind);
    return peer;
}

}  // namespace

TEST_CASE("hashed login: lines behind it wait, and others are served meanwhile") {
    TestNode node(with_hashes());
    node.verifies_at_once = false;
    TestPeer& other = node.client("reader");
    TestPeer& peer = begins_login(node, "x", "RETRIEVE a\nFLUSH 1\n");
    peer.says("FLUSH 2");
    CHECK(peer.hears() == "");
    CHECK(other.asks("RETRIEVE a") == "NOTRETRIEVED a");
    CHECK(node.verify_next());
    CHECK(peer.hears() == "OVERHEAD O Welcome! | NOTRETRIEVED a | FLUSHED 1 | FLUSHED 2");
}

TEST_CASE("hashed login: a wrong password or name ends the connection when it is known to be") {
    TestNode node(with_hashes());
    node.verifies_at_once = false;
    TestPeer& peer = begins_login(node, "y", "FLUSH 1\n");
    TestPeer& unknown = node.connect().forget();
    unknown.says("CLACKS x");
    unknown.says(node.login("unknown", "-"));
    CHECK(peer.hears() + unknown.hears() == "");
    while (node.verify_next()) {
    }
    CHECK(peer.hears() == "OVERHEAD F Login failed!");
    CHECK(unknown.hears() == "OVERHEAD F Login failed!");
    CHECK(unknown.closed == CloseReason::login_failed);
}

TEST_CASE("hashed login: the time for logging in goes on") {
    TestNode node(with_hashes());
    node.verifies_at_once = false;
    TestPeer& peer = begins_login(node, "x");
    node.advance(15s);
    CHECK(peer.closed == CloseReason::login_timeout);
    CHECK(peer.hears() == "(empty line) | TIMEOUT");
    CHECK(node.verify_next());
    CHECK(peer.hears() == "");
    CHECK_FALSE(peer.logged_in);
}

TEST_CASE("hashed login: who asks for many at once gets no more answers than one by one") {
    TestNode node(with_hashes());
    node.verifies_at_once = false;
    for (int i = 0; i < 20; ++i) begins_login(node, "guess" + std::to_string(i));
    TestPeer& right = begins_login(node, "x");
    while (node.verify_next()) {
    }
    CHECK(node.log.count("login_failed") == 5);
    CHECK(node.log.count("login_delayed") == 16);
    CHECK(right.closed == CloseReason::login_delayed);
    CHECK(right.hears().starts_with("OVERHEAD E login_delayed seconds=1 (too many failed logins"));
}

TEST_CASE("hashed login: the same wrong one is looked at once, and answered whenever it comes") {
    TestNode node(with_hashes());
    node.verifies_at_once = false;
    TestPeer& first = begins_login(node, "old");
    TestPeer& waiting = begins_login(node, "old");
    CHECK(node.verify_next());
    CHECK(first.hears() == "OVERHEAD F Login failed!");
    CHECK(node.verify_next());  // without looking at the password
    CHECK(waiting.hears() == "OVERHEAD F Login failed!");
    for (int i = 0; i < 20; ++i) {
        TestPeer& again = begins_login(node, "old");
        CHECK(again.hears() == "OVERHEAD F Login failed!");
    }
    CHECK_FALSE(node.verify_next());
    TestPeer& right = begins_login(node, "x");
    CHECK(node.verify_next());
    CHECK(right.hears() == "OVERHEAD O Welcome!");
}

TEST_CASE("hashed login: one that keeps coming is verified again every ten minutes") {
    TestNode node(with_hashes());
    node.verifies_at_once = false;
    int verified = 0;
    for (int minutes = 0; minutes <= 30; ++minutes) {
        TestPeer& peer = begins_login(node, "old");
        if (node.verify_next()) ++verified;
        CHECK(peer.hears() == "OVERHEAD F Login failed!");
        node.advance(1min);
    }
    CHECK(verified == 3);
}

TEST_CASE("hashed login: what was checked against a password of before a reload may come again") {
    TestNode node(with_hashes());
    node.verifies_at_once = false;
    TestPeer& peer = begins_login(node, "y");
    Settings settings = with_hashes();
    settings.users.back().password = "hash:y";
    node.reload(settings);
    CHECK(node.verify_next());
    CHECK(peer.hears().starts_with(
        "OVERHEAD E login_delayed seconds=1 (users have changed meanwhile)"));
    TestPeer& again = begins_login(node, "y");
    CHECK(node.verify_next());
    CHECK(again.hears() == "OVERHEAD O Welcome!");
}

TEST_CASE("hashed login: one that could not be checked is not wrong, and may come again") {
    TestNode node(with_hashes());
    node.verifies_at_once = false;
    TestPeer& peer = begins_login(node, "x");
    node.can_verify = false;
    CHECK(node.verify_next());
    node.can_verify = true;
    CHECK(peer.closed == CloseReason::login_delayed);
    CHECK(peer.hears().starts_with(
        "OVERHEAD E login_delayed seconds=1 (the password was not checked)"));
    CHECK(node.log.count("login_delayed client=" + peer.id + " seconds=1") == 1);
    TestPeer& again = begins_login(node, "x");
    while (node.verify_next()) {
    }
    CHECK(again.hears() == "OVERHEAD O Welcome!");
}

TEST_CASE("hashed login: one too many to wait is told to come again later") {
    TestNode node(with_hashes());
    node.verifies_at_once = false;
    node.most_to_verify = 1;
    TestPeer& first = begins_login(node, "x");
    TestPeer& second = begins_login(node, "x", "FLUSH 1\n");
    CHECK(second.hears() ==
          "OVERHEAD E login_delayed seconds=5 (too many logins are being checked) | (empty line) | "
          "QUIT");
    CHECK(second.closed == CloseReason::login_delayed);
    CHECK(node.verify_next());
    CHECK(first.hears() == "OVERHEAD O Welcome!");
}

TEST_CASE("hashed login: a reload meanwhile that changes users has it come again") {
    TestNode node(with_hashes());
    node.verifies_at_once = false;
    TestPeer& same = begins_login(node, "x");
    TestPeer& changed = begins_login(node, "x");
    Settings settings = with_hashes();
    node.reload(settings);
    CHECK(node.verify_next());
    CHECK(same.hears() == "OVERHEAD O Welcome!");
    settings.users.back().password = "hash:y";
    node.reload(settings);
    CHECK(node.verify_next());
    CHECK(changed.hears().starts_with(
        "OVERHEAD E login_delayed seconds=1 (users have changed meanwhile)"));
    CHECK(node.log.count("login_failed") == 0);
}

TEST_CASE("hashed login: a master that proves itself by one is believed when that is verified") {
    TestNode node(with_hashes());
    node.verifies_at_once = false;
    Settings settings = with_hashes();
    settings.users.back().permissions = Permissions::all();
    node.reload(settings);
    TestPeer& master = node.connect_to_master().forget();
    master.says("CLACKS Master 1");
    master.says("OVERHEAD O Welcome!");
    master.says(node.login("hashed", "x"));
    master.says("KEYSYNC 1700000000 1700000000 U a=1");
    CHECK(node.node.cache().size() == 0);
    CHECK(node.verify_next());
    CHECK(node.log.count("link_up peer=master") == 1);
    CHECK(node.node.cache().size() == 1);
}
