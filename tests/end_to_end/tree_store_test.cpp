#include <doctest/doctest.h>

#include <array>
#include <csignal>
#include <string>

#include "tests/end_to_end/tree.hpp"
#include "tests/processes/free_port.hpp"

using namespace clacks::test;

TEST_CASE("tree store: a change at any node is a change at every node") {
    const Tree tree;
    std::array clients{tree.master.log_in(), tree.slave.log_in(Way::tls_1_3), tree.leaf.log_in()};
    for (auto& writer : clients) {
        const auto seen_after = [&](const char* commands) {
            writer.ask(commands);
            std::string seen;
            for (auto& reader : clients) {
                if (&reader != &writer) settle(writer, reader);
                seen += reader.ask("RETRIEVE a");
            }
            return seen;
        };
        CHECK(seen_after("STORE a=1=2") == "RETRIEVED a=1=2\nRETRIEVED a=1=2\nRETRIEVED a=1=2\n");
        CHECK(seen_after("SETANDSTORE a=5") == "RETRIEVED a=5\nRETRIEVED a=5\nRETRIEVED a=5\n");
        CHECK(seen_after("INCREMENT a=2") == "RETRIEVED a=7\nRETRIEVED a=7\nRETRIEVED a=7\n");
        CHECK(seen_after("DECREMENT a") == "RETRIEVED a=6\nRETRIEVED a=6\nRETRIEVED a=6\n");
        CHECK(seen_after("REMOVE a") == "NOTRETRIEVED a\nNOTRETRIEVED a\nNOTRETRIEVED a\n");
        CHECK(seen_after("INCREMENT a") == "RETRIEVED a=1\nRETRIEVED a=1\nRETRIEVED a=1\n");
        CHECK(seen_after("CLEARCACHE") == "NOTRETRIEVED a\nNOTRETRIEVED a\nNOTRETRIEVED a\n");
    }
}

TEST_CASE("tree store: 10,000 increments from three nodes at once all count") {
    const Tree tree;
    std::array clients{tree.master.log_in(), tree.slave.log_in(), tree.leaf.log_in(Way::tls_1_3)};
    std::string increments;
    for (int i = 0; i < 10'000; ++i) increments += "INCREMENT n\r\n";
    for (auto& client : clients) client.send(increments);
    for (auto& from : clients) {
        for (auto& to : clients) {
            if (&from != &to) settle(from, to);
        }
    }
    for (auto& client : clients) CHECK(client.ask("RETRIEVE n") == "RETRIEVED n=30000\n");
}

TEST_CASE("tree store: what a node had before it joined, and what it missed, is everywhere after") {
    const int port = free_port();
    NodeProcess slave(below("tls://127.0.0.1:" + std::to_string(port), "slave"));
    auto at_slave = slave.log_in();
    const std::string big(1U << 20U, 'x');
    at_slave.ask("STORE from::slave=1\nSTORE gone=1\nREMOVE gone\nSTORE none=");
    at_slave.send("STORE big=" + big + "\r\n");
    slave.signal(SIGSTOP);
    const NodeProcess master({.name = "master", .port = port});
    auto at_master = master.log_in();
    at_master.ask("STORE from::master=1=2");
    slave.signal(SIGCONT);
    wait_until_linked(slave, master);
    const NodeProcess leaf(below(slave.unix_url(), "leaf"));
    wait_until_linked(leaf, slave);
    auto at_leaf = leaf.log_in();
    settle(at_slave, at_master);
    for (auto* client : {&at_master, &at_slave, &at_leaf}) {
        CHECK(client->ask("KEYLIST\nRETRIEVE from::master\nRETRIEVE from::slave\nRETRIEVE none\n"
                          "RETRIEVE gone") ==
              "KEYLISTSTART\nKEY big\nKEY from::master\nKEY from::slave\nKEY none\nKEYLISTEND\n"
              "RETRIEVED from::master=1=2\nRETRIEVED from::slave=1\nRETRIEVED none=\n"
              "NOTRETRIEVED gone\n");
        client->say("RETRIEVE big");
        CHECK(client->difference_from("RETRIEVED big=" + big + "\r\n") == "");
    }
}

TEST_CASE("tree store: changes that are made while the stores are exchanged are not lost") {
    const NodeProcess master({.name = "master"});
    auto at_master = master.log_in();
    std::string stores;
    for (int i = 0; i < 20'000; ++i) {
        stores += "STORE key::" + std::to_string(i) + "=" + std::to_string(i) + "\r\n";
    }
    at_master.send(stores);
    at_master.flush();
    const NodeProcess slave(below(master.tls_url(), "slave"));
    auto at_slave = slave.log_in();
    // From here on the link is being made, whenever that happens.
    for (int i = 0; i < 20'000; i += 100) {
        at_master.say("STORE key::" + std::to_string(i) + "=master");
        at_slave.say("STORE key::" + std::to_string(i + 1) + "=slave\nINCREMENT counter");
    }
    wait_until_linked(slave, master);
    settle(at_master, at_slave);
    settle(at_slave, at_master);
    for (auto* client : {&at_master, &at_slave}) {
        CHECK(client->ask("RETRIEVE counter") == "RETRIEVED counter=200\n");
        std::string questions;
        std::string answers;
        for (int i = 0; i < 20'000; ++i) {
            const std::string key = "key::" + std::to_string(i);
            const std::string value = i % 100 == 0   ? "master"
                                      : i % 100 == 1 ? "slave"
                                                     : std::to_string(i);
            questions += "RETRIEVE " + key + "\r\n";
            answers += "RETRIEVED " + key + "=" + value + "\r\n";
        }
        client->send(questions);
        CHECK(client->difference_from(answers) == "");
    }
}
