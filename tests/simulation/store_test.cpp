#include <doctest/doctest.h>

#include <string>

#include "tests/simulation/sim_net.hpp"

using namespace clacks::simulation;
using namespace std::chrono_literals;

namespace {

/// master ── slave ── leaf, and another slave.
struct StoreTree {
    explicit StoreTree(std::uint64_t seed = 1) : net({.seed = seed}) {
        net.link(slave, master);
        net.link(leaf, slave);
        net.link(other, master);
    }
    /// What all nodes hold, or how they differ.
    std::string content() {
        net.settle();
        const std::string differences = net.differences();
        return differences.empty() ? master.content() : differences;
    }
    SimNet net;
    SimNode& master = net.add();
    SimNode& slave = net.add(-4min);
    SimNode& leaf = net.add(2h);
    SimNode& other = net.add();
};

}  // namespace

TEST_CASE("store: every change reaches every node, from wherever it comes") {
    StoreTree tree;
    for (SimNode* node : {&tree.master, &tree.slave, &tree.leaf, &tree.other}) {
        CAPTURE(node->name);
        tree.net.send(*node, "STORE a=1");
        CHECK(tree.content() == "a=1");
        tree.net.send(*node, "SETANDSTORE b=x=y");
        CHECK(tree.content() == "a=1 b=x=y");
        tree.net.send(*node, "INCREMENT a=4");
        CHECK(tree.content() == "a=5 b=x=y");
        tree.net.send(*node, "DECREMENT a");
        CHECK(tree.content() == "a=4 b=x=y");
        tree.net.send(*node, "INCREMENT new=0.5");
        CHECK(tree.content() == "a=4 b=x=y new=0.5");
        tree.net.send(*node, "REMOVE a");
        CHECK(tree.content() == "b=x=y new=0.5");
        tree.net.send(*node, "STORE a=");
        CHECK(tree.content() == "a= b=x=y new=0.5");
        tree.net.send(*node, "CLEARCACHE");
        CHECK(tree.content() == "");
    }
}

TEST_CASE("store: the changes of one key arrive in their order over any number of hops") {
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
        CAPTURE(seed);
        StoreTree tree(seed);
        for (int i = 0; i < 100; ++i) {
            tree.net.send(tree.leaf, i % 3 == 0 ? "REMOVE k" : "STORE k=" + std::to_string(i));
            tree.net.send(tree.leaf, "INCREMENT n");
            if (i % 7 == 0) tree.net.send(tree.leaf, "CLEARCACHE");
            tree.net.advance(tree.net.random().between(0ms, 3ms));
        }
        // The last CLEARCACHE was at 98; then one STORE-less round.
        CHECK(tree.content() == "n=1");
    }
}

TEST_CASE("store: counters that several nodes increment, one after the other, lose nothing") {
    StoreTree tree;
    for (int i = 0; i < 40; ++i) {
        tree.net.send(tree.net.node(static_cast<std::size_t>(i) % 4), "INCREMENT n");
        tree.net.settle();
    }
    CHECK(tree.content() == "n=40");
}

TEST_CASE("store: increments of one key at several nodes at once all count") {
    // Each is added at every node, in whatever order they come by.
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
        CAPTURE(seed);
        StoreTree tree(seed);
        for (int i = 0; i < 100; ++i) {
            tree.net.send(tree.net.node(tree.net.random().below(4)), "INCREMENT n");
            tree.net.advance(tree.net.random().between(0ms, 2ms));
        }
        CHECK(tree.content() == "n=100");
    }
}

TEST_CASE("store: what was stored before the leaf joined is there too, and the other way round") {
    SimNet net;
    SimNode& master = net.add();
    SimNode& slave = net.add(1h);
    SimNode& leaf = net.add(-1h);
    net.store(master, "m", "1");
    net.store(slave, "s", "1");
    net.store(leaf, "l", "1");
    net.link(leaf, slave);
    net.link(slave, master);
    CHECK(net.differences() == "");
    CHECK(master.content() == "l=1 m=1 s=1");
}

TEST_CASE("store: a large one is exchanged while clients go on changing it") {
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
        CAPTURE(seed);
        SimNet net({.seed = seed});
        SimNode& master = net.add();
        SimNode& slave = net.add(20min);
        for (int i = 0; i < 500; ++i) {
            net.store(master, "m" + std::to_string(i), std::to_string(i));
            net.store(slave, "s" + std::to_string(i), std::to_string(i));
        }
        slave.set_master(&master);
        for (int i = 0; i < 300; ++i) {
            net.advance(net.random().between(0ms, 1ms));
            const std::string number = std::to_string(net.random().below(500));
            // Each key is changed at one end only.
            net.store(master, "m" + number, "new" + std::to_string(i));
            net.remove(slave, "s" + number);
        }
        net.settle();
        CHECK(net.differences() == "");
    }
}
