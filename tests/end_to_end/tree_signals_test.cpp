#include <doctest/doctest.h>

#include <string>

#include "tests/end_to_end/numbered.hpp"
#include "tests/end_to_end/tree.hpp"

using namespace clacks::test;

TEST_CASE("tree signals: 10,000 from any node reach every node once, in order, and come not back") {
    const Tree tree;
    const std::string signals = numbered("n", 10'000) + "NOTIFY end\r\n";
    auto at_master = tree.master.log_in(Way::tls_1_3);
    auto at_slave = tree.slave.log_in(Way::unix_socket);
    auto at_leaf = tree.leaf.log_in(Way::tls_1_2);
    for (auto* listener : {&at_master, &at_slave, &at_leaf}) listener->ask("LISTEN n\nLISTEN end");

    for (const NodeProcess* node : {&tree.master, &tree.slave, &tree.leaf}) {
        auto publisher = node->log_in();
        publisher.ask("LISTEN n");
        publisher.send(signals);
        for (auto* listener : {&at_master, &at_slave, &at_leaf}) {
            CHECK(listener->difference_from(signals) == "");
        }
        // What came back would have come before this.
        for (auto* listener : {&at_master, &at_slave, &at_leaf}) {
            CHECK(settle(*listener, publisher) == "");
        }
        for (auto* listener : {&at_master, &at_slave, &at_leaf}) CHECK(listener->flush() == "");
    }
}

TEST_CASE("tree signals: two publishers at the ends each keep their order everywhere") {
    const Tree tree;
    auto at_master = tree.master.log_in();
    auto at_leaf = tree.leaf.log_in();
    auto listener = tree.slave.log_in(Way::tls_1_3);
    listener.ask("LISTEN down\nLISTEN up\nLISTEN end");
    at_master.send(numbered("down", 5'000) + "NOTIFY end\r\n");
    at_leaf.send(numbered("up", 5'000) + "NOTIFY end\r\n");
    std::string got = listener.lines_until("NOTIFY end");
    got += listener.lines_until("NOTIFY end");
    CHECK(miscount("down", 5'000, got) == "");
    CHECK(miscount("up", 5'000, got) == "");
    CHECK(count_of("\n", got) == 10'002);
}

TEST_CASE("tree signals: every kind travels, and a LISTEN or a MONITOR does not") {
    const Tree tree;
    auto at_master = tree.master.log_in();
    auto at_leaf = tree.leaf.log_in();
    auto monitor = tree.slave.log_in();
    monitor.ask("MONITOR");
    at_master.ask("LISTEN a\nLISTEN b\nMONITOR\nUNMONITOR\nCLIENTLIST\nNONSENSE\nPING\nFLUSH x");
    at_leaf.ask("NOTIFY a\nSET a=1=2\nSETANDSTORE b=\nOVERHEAD GNU Terry Pratchett");
    CHECK(settle(at_leaf, at_master) ==
          "NOTIFY a\nSET a=1=2\nSET b=\nOVERHEAD GN Terry Pratchett\n");
    CHECK(at_leaf.flush() == "");
    const std::string seen = monitor.flush();
    for (const char* word : {"LISTEN", "MONITOR", "CLIENTLIST", "NONSENSE", "FLUSH x"}) {
        CAPTURE(word);
        CHECK(seen.find("=" + std::string(word)) == std::string::npos);
    }
    CHECK(seen.find("=SET b=\n") != std::string::npos);  // the value comes as a KEYSYNC
    CHECK(seen.find(" b=\n") < seen.find("=SET b=\n"));  // and before it
}

TEST_CASE("tree signals: what a user may not do here is done nowhere") {
    const NodeProcess master(NodeConfig{.name = "master"});
    NodeConfig config = below(master.tls_url(), "slave");
    config.users = "  - {name: reader, password: r, permissions: [read]}\n";
    const NodeProcess slave(config);
    wait_until_linked(slave, master);
    auto at_master = master.log_in();
    auto trusted = slave.log_in();
    auto reader = slave.log_in(Way::unix_socket, "reader", "r");
    at_master.ask("STORE a=1\nLISTEN a");
    settle(at_master, trusted);
    reader.ask(
        "STORE a=2\nSET a=2\nNOTIFY a\nREMOVE a\nINCREMENT a\nCLEARCACHE\nOVERHEAD GC 1\n"
        "KEYSYNC 99999999999 0 U a=2\nOVERHEAD G hello");
    CHECK(settle(trusted, at_master) == "");
    CHECK(at_master.ask("RETRIEVE a") == "RETRIEVED a=1\n");
}
