#include <doctest/doctest.h>

#include <csignal>
#include <string>

#include "tests/end_to_end/tree.hpp"
#include "tests/processes/free_port.hpp"

using namespace clacks::test;

TEST_CASE("tree recovery: a master that died is linked again when it is back, and gets the store") {
    Tree tree;
    {
        auto at_master = tree.master.log_in();
        auto at_leaf = tree.leaf.log_in();
        at_master.ask("STORE from::master=1");
        at_leaf.ask("STORE from::leaf=1\nSTORE counter=5\nSTORE gone=1");
        settle(at_leaf, at_master);
        settle(at_master, at_leaf);
        tree.master.kill();
    }
    auto at_leaf = tree.leaf.log_in();
    auto at_slave = tree.slave.log_in(Way::tls_1_3);
    tree.slave.wait_for("link_down");
    at_leaf.ask("INCREMENT counter\nSTORE while::away=1\nREMOVE gone\nLISTEN a");
    settle(at_leaf, at_slave);
    CHECK(at_slave.ask("RETRIEVE counter") == "RETRIEVED counter=6\n");

    tree.master.start();
    wait_until_linked(tree.slave, tree.master, 2);
    auto at_master = tree.master.log_in();
    settle(at_slave, at_master);
    CHECK(at_master.ask("KEYLIST\nRETRIEVE counter") ==
          "KEYLISTSTART\nKEY counter\nKEY from::leaf\nKEY from::master\nKEY while::away\n"
          "KEYLISTEND\nRETRIEVED counter=6\n");
    at_master.ask("NOTIFY a\nSTORE after=1");
    CHECK(settle(at_master, at_leaf) == "NOTIFY a\n");
    CHECK(at_leaf.ask("RETRIEVE after") == "RETRIEVED after=1\n");
}

TEST_CASE("tree recovery: a slave that died comes back in step, and so does what hangs below it") {
    Tree tree;
    auto at_master = tree.master.log_in();
    at_master.ask("STORE a=1\nSTORE b=1");
    auto at_leaf = tree.leaf.log_in();
    settle(at_master, at_leaf);
    tree.slave.kill();
    tree.leaf.wait_for("link_down");
    at_master.ask("STORE a=2");
    at_leaf.ask("STORE b=2\nSTORE c=2");
    tree.slave.start();
    wait_until_linked(tree.slave, tree.master);
    wait_until_linked(tree.leaf, tree.slave, 2);
    auto at_slave = tree.slave.log_in();
    settle(at_leaf, at_slave);
    settle(at_leaf, at_master);
    for (auto* client : {&at_master, &at_slave, &at_leaf}) {
        CHECK(client->ask("RETRIEVE a\nRETRIEVE b\nRETRIEVE c") ==
              "RETRIEVED a=2\nRETRIEVED b=2\nRETRIEVED c=2\n");
    }
}

TEST_CASE("tree recovery: what was removed or cleared while the master was away does not return") {
    NodeProcess master({.name = "master"});
    const NodeProcess one(below(master.tls_url(), "one"));
    const NodeProcess two(below(master.tls_url(), "two"));
    wait_until_linked(one, master);
    wait_until_linked(two, master);
    auto at_one = one.log_in();
    auto at_two = two.log_in();
    at_one.ask("STORE removed=1\nSTORE cleared=1");
    settle(at_one, at_two);
    master.kill();
    one.wait_for("link_down");
    two.wait_for("link_down");
    at_two.ask("REMOVE removed");
    at_one.ask("CLEARCACHE\nSTORE after=1");
    master.start();
    wait_until_linked(one, master, 2);
    wait_until_linked(two, master, 2);
    auto at_master = master.log_in();
    for (auto* client : {&at_master, &at_one, &at_two}) {
        ask_until(*client, "KEYLIST", "KEYLISTSTART\nKEY after\nKEYLISTEND\n");
    }
}

TEST_CASE("tree recovery: a master that hangs is given up, and linked again when it moves") {
    const NodeProcess master({.name = "master", .more = "interclacks: {ping_timeout: 1s}\n"});
    NodeConfig config = below(master.tls_url(), "slave");
    config.more =
        "interclacks: {ping_timeout: 1s, reconnect_delay: 20ms}\n"
        "timeouts: {authentication: 1s}\n";
    const NodeProcess slave(config);
    wait_until_linked(slave, master);
    master.signal(SIGSTOP);
    slave.wait_for("reason=ping_timeout");
    auto at_slave = slave.log_in();
    CHECK(at_slave.ask("STORE a=1\nRETRIEVE a") == "RETRIEVED a=1\n");
    master.signal(SIGCONT);
    wait_until_linked(slave, master, 2);
    auto at_master = master.log_in();
    ask_until(at_master, "RETRIEVE a", "RETRIEVED a=1\n");
}

TEST_CASE("tree recovery: a node whose master cannot be reached serves, and says so") {
    const int port = free_port();
    const std::string url = "tls://127.0.0.1:" + std::to_string(port);
    const NodeProcess slave(below(url, "slave"));
    auto client = slave.log_in(Way::tls_1_3);
    CHECK(client.ask("STORE a=1\nRETRIEVE a") == "RETRIEVED a=1\n");
    slave.wait_for("warning master_unreachable master=" + url + " reason=\"Connection refused\"",
                   2);
    const NodeProcess master({.name = "master", .port = port});
    wait_until_linked(slave, master);
    auto at_master = master.log_in();
    settle(client, at_master);
    CHECK(at_master.ask("RETRIEVE a") == "RETRIEVED a=1\n");
}

TEST_CASE("tree recovery: the second master serves while the first cannot be reached") {
    const NodeProcess second({.name = "second"});
    NodeConfig config = below(
        "[\"tls://127.0.0.1:" + std::to_string(free_port()) + "\", \"" + second.unix_url() + "\"]",
        "slave");
    const NodeProcess slave(config);
    slave.wait_for("link_synced");
    auto at_slave = slave.log_in();
    auto at_second = second.log_in();
    at_second.ask("LISTEN a");
    at_slave.say("NOTIFY a");
    CHECK(at_second.line() == "NOTIFY a");
}

TEST_CASE("tree recovery: a node that stops tells its links, and they wait for it") {
    Tree tree;
    CHECK(tree.slave.stop() == 0);
    tree.leaf.wait_for("warning master_unreachable");
    tree.master.wait_for("link_down");
    tree.slave.start();
    wait_until_linked(tree.slave, tree.master);
    wait_until_linked(tree.leaf, tree.slave, 2);
    auto at_leaf = tree.leaf.log_in();
    auto at_master = tree.master.log_in();
    CHECK(settle(at_leaf, at_master) == "");
}
