#include <doctest/doctest.h>

#include <string>

#include "tests/simulation/sim_net.hpp"

using namespace clacks;
using namespace clacks::simulation;

TEST_CASE("permissions: a command denied at a leaf is executed nowhere in the tree") {
    SimNet net;
    SimNode& master = net.add();
    SimNode& slave = net.add();
    node::Settings settings = SimNode::default_settings();
    settings.users.push_back({.name = "reader", .password = "r", .permissions = {}});
    settings.users.back().permissions.add(protocol::Permission::read);
    SimNode& leaf = net.add(settings);
    net.link(slave, master);
    net.link(leaf, slave);
    net.store(master, "a", "1");
    net.settle();

    SimClient& reader = net.client(leaf, {"reader", "r"});
    SimClient& listener = net.client(master);
    listener.send("LISTEN a");
    for (const std::string line :
         {"STORE a=2", "SETANDSTORE a=2", "SET a=2", "NOTIFY a", "REMOVE a", "INCREMENT a",
          "DECREMENT a", "CLEARCACHE", "OVERHEAD G hello", "OVERHEAD GC 1", "OVERHEAD GS 1",
          "KEYSYNC 1900000000 1900000000 U a=2"}) {
        CAPTURE(line);
        CHECK(reader.ask(line) == "OVERHEAD E permission_denied");
        net.settle();
        CHECK(listener.lines() == "");
        for (SimNode* node : {&master, &slave, &leaf}) CHECK(node->content() == "a=1");
    }
    CHECK(reader.ask("RETRIEVE a") == "RETRIEVED a=1");
}

TEST_CASE("permissions: what is too long or malformed at a leaf goes no further") {
    SimNet net;
    SimNode& master = net.add();
    node::Settings settings = SimNode::default_settings();
    settings.limits.key_bytes = 5;
    SimNode& leaf = net.add(settings);
    net.link(leaf, master);
    SimClient& listener = net.client(master);
    listener.send("MONITOR");
    listener.lines();
    net.send(leaf, "STORE too_long=1");
    net.send(leaf, "STORE bad");
    net.send(leaf, "BADCMD");
    net.send(leaf, "OVERHEAD G");
    net.settle();
    CHECK(listener.lines() == "");
    net.send(leaf, "STORE short=1");
    net.settle();
    CHECK(listener.lines().ends_with(" short=1"));  // a KEYSYNC
}
