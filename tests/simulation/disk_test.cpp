// Nodes that begin again with what they had saved.
#include <doctest/doctest.h>

#include <string>

#include "tests/simulation/sim_net.hpp"

using namespace clacks::simulation;
using namespace std::chrono_literals;

namespace {

/// A master and a slave in sync, each with a disk.
struct Pair {
    explicit Pair(SimTime slave_error = {}) : slave(net.add(slave_error)) {
        for (SimNode* node : {&master, &slave}) {
            net.kill(*node);
            node->use_disk();
            node->start();
        }
        net.link(slave, master);
    }

    SimNet net;
    SimNode& master = net.add();
    SimNode& slave;
};

std::string version(SimNode& node, std::string_view key) {
    const auto entry = node.node().cache().lock(key).find(key);
    return entry ? std::to_string(entry->changed.time_since_epoch().count()) : "none";
}

}  // namespace

TEST_CASE("disk: a tree of which every node was stopped has everything again") {
    Pair pair;
    pair.net.store(pair.master, "a", "1");
    pair.net.store(pair.slave, "b", "1");
    pair.net.send(pair.slave, "INCREMENT c");
    pair.net.settle();
    pair.slave.stop();
    pair.master.stop();
    pair.net.advance(1h);
    pair.master.start();
    pair.slave.start();
    pair.net.settle();
    CHECK(pair.master.content() == "a=1 b=1 c=1");
    CHECK(pair.net.differences() == "");
}

TEST_CASE("disk: what a killed node had not saved comes back from those who heard of it") {
    for (const bool master_is_killed : {true, false}) {
        CAPTURE(master_is_killed);
        Pair pair;
        SimNode& killed = master_is_killed ? pair.master : pair.slave;
        pair.net.store(killed, "saved", "1");
        pair.net.send(killed, "INCREMENT counter");
        pair.net.settle();
        killed.save();
        pair.net.store(killed, "told", "1");
        pair.net.store(killed, "saved", "2");
        pair.net.send(killed, "INCREMENT counter=10");
        pair.net.settle();
        pair.net.kill(killed);
        killed.start();
        pair.net.send(killed, "INCREMENT counter=100");
        pair.net.settle();
        CHECK(killed.content() == "counter=111 saved=2 told=1");
        CHECK(pair.net.differences() == "");
        // What it numbers now is heard of, though the other had larger numbers of it before.
        pair.net.store(killed, "new", "1");
        pair.net.settle();
        CHECK(pair.net.differences() == "");
    }
}

TEST_CASE(
    "disk: a counter that is incremented in every run keeps as many parts as it had crashes") {
    Pair pair;
    for (int run = 0; run < 5; ++run) {
        pair.net.send(pair.slave, "INCREMENT c");
        pair.net.settle();
        pair.slave.stop();
        pair.slave.start();
        pair.net.settle();
    }
    CHECK(pair.master.retrieve("c") == "5");
    CHECK(pair.slave.node().cache().lock("c").find("c")->counter->contributions.size() == 1);
}

TEST_CASE("disk: a node that begins again with another clock keeps the times of its tree") {
    for (const SimTime error : {3h, -3h, 72h}) {
        CAPTURE(error.count());
        Pair pair(SimTime(2h));
        pair.net.store(pair.slave, "k", "old");
        pair.net.settle();
        const std::string before = version(pair.slave, "k");
        pair.slave.stop();
        pair.net.advance(10s);
        pair.net.store(pair.master, "k", "new");
        pair.net.store(pair.master, "other", "new");
        pair.net.advance(6h);
        pair.slave.clock_error += error;
        pair.slave.start();
        CHECK(version(pair.slave, "k") == before);
        pair.net.settle();
        // Had its old value been moved to its new clock, it would seem to be the later one.
        CHECK(pair.slave.content() == "k=new other=new");
        CHECK(pair.net.differences() == "");
        pair.net.store(pair.slave, "k", "newest");
        pair.net.settle();
        CHECK(pair.net.differences() == "");
        CHECK(pair.master.retrieve("k") == "newest");
    }
}

TEST_CASE("disk: a root that begins again with another clock takes its tree along") {
    for (const SimTime error : {3h, -3h}) {
        CAPTURE(error.count());
        Pair pair;
        pair.net.store(pair.master, "k", "old");
        pair.net.settle();
        pair.master.stop();
        pair.net.store(pair.slave, "k", "new");
        pair.net.store(pair.slave, "gone", "1");
        pair.net.remove(pair.slave, "gone");
        pair.master.clock_error += error;
        pair.master.start();
        pair.net.settle();
        CHECK(pair.master.content() == "k=new");
        CHECK(pair.net.differences() == "");
        pair.net.store(pair.master, "k", "newest");
        pair.net.settle();
        CHECK(pair.slave.retrieve("k") == "newest");
        CHECK(version(pair.slave, "k") == version(pair.master, "k"));
    }
}

TEST_CASE("disk: a node that moves to another tree brings what it has, at the times of that") {
    SimNet net;
    SimNode& one = net.add(5h);
    SimNode& other = net.add();
    SimNode& slave = net.add();
    net.kill(slave);
    slave.use_disk();
    slave.start();
    net.link(slave, one);
    net.store(slave, "k", "first");
    net.settle();
    slave.stop();
    net.advance(1s);
    net.store(other, "k", "second");
    slave.set_master(nullptr);
    slave.start();
    net.link(slave, other);
    // By the first tree's clock it was written five hours later.
    CHECK(net.node(1).retrieve("k") == "second");
    CHECK(slave.retrieve("k") == "second");
}

TEST_CASE("disk: who gave up waiting for the time of its tree is told everything when it has it") {
    for (const SimTime error : {SimTime(-3h), SimTime(3h)}) {
        CAPTURE(error.count());
        SimNet net;
        SimNode& root = net.add();
        SimNode& middle = net.add();
        SimNode& leaf = net.add();
        for (SimNode* node : {&root, &middle, &leaf}) {
            net.kill(*node);
            node->use_disk();
            node->start();
        }
        net.link(middle, root);
        net.link(leaf, middle);
        net.send(middle, "CLEARCACHE");
        net.store(middle, "before", "1");
        net.settle();
        leaf.save();
        // The middle one knows the root's time by its memory only, which the leaf does not believe.
        net.cut(middle, root);
        net.advance(5min);
        net.kill(leaf);
        leaf.clock_error = error;
        leaf.start();
        net.settle();
        net.store(leaf, "of_leaf", "1");
        net.store(middle, "of_middle", "1");
        net.advance(10min);
        net.heal(middle, root);
        net.settle();
        net.advance(2min);
        net.settle();
        CHECK(net.differences() == "");
        CHECK(root.content() == "before=1 of_leaf=1 of_middle=1");
    }
}
