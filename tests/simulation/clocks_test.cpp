#include <doctest/doctest.h>

#include <string>

#include "tests/simulation/sim_net.hpp"

using namespace clacks::simulation;
using namespace std::chrono_literals;

namespace {

constexpr SimTime clock_errors[] = {0s, 2s, -2s, 5min, -5min, 3h, -3h, 50h, -50h};

}  // namespace

TEST_CASE("clocks: the later write wins on both nodes, whatever their clocks say") {
    SimNet net;
    SimNode& master = net.add();
    SimNode& slave = net.add(/*clock_error=*/300s);
    net.store(slave, "k", "old");
    net.advance(10s);
    net.store(master, "k", "new");
    net.link(slave, master);
    CHECK(master.retrieve("k") == "new");
    CHECK(slave.retrieve("k") == "new");
}

TEST_CASE("clocks: the later write wins over two hops, whoever made it") {
    for (const SimTime middle : clock_errors) {
        for (const SimTime end : clock_errors) {
            for (const bool leaf_is_later : {true, false}) {
                CAPTURE(middle.count());
                CAPTURE(end.count());
                CAPTURE(leaf_is_later);
                SimNet net;
                SimNode& master = net.add();
                SimNode& slave = net.add(middle);
                SimNode& leaf = net.add(end);
                net.store(leaf_is_later ? master : leaf, "k", "old");
                net.remove(leaf_is_later ? master : leaf, "stored");
                net.store(leaf_is_later ? master : leaf, "removed", "1");
                net.advance(1s);
                net.store(leaf_is_later ? leaf : master, "k", "new");
                net.store(leaf_is_later ? leaf : master, "stored", "1");
                net.remove(leaf_is_later ? leaf : master, "removed");
                net.advance(1s);
                net.link(leaf, slave);
                net.link(slave, master);
                CHECK(net.differences() == "");
                CHECK(master.content() == "k=new stored=1");
            }
        }
    }
}

TEST_CASE("clocks: of what two sides wrote while they were apart the later wins") {
    for (const SimTime error : clock_errors) {
        CAPTURE(error.count());
        SimNet net;
        SimNode& master = net.add();
        SimNode& slave = net.add(error);
        net.link(slave, master);
        net.store(master, "a", "0");
        net.store(master, "b", "0");
        net.settle();
        net.cut(slave, master);
        net.store(master, "a", "master");
        net.store(slave, "b", "slave");
        net.advance(1s);
        net.store(slave, "a", "slave");
        net.store(master, "b", "master");
        net.advance(5min);
        net.heal(slave, master);
        net.settle();
        CHECK(net.differences() == "");
        CHECK(master.content() == "a=slave b=master");
    }
}

TEST_CASE("clocks: a value is not undone by rejoining, however often and however slow the way") {
    for (const SimTime error : clock_errors) {
        CAPTURE(error.count());
        SimNet net({.seed = 3, .delay = {10ms, 900ms}});
        SimNode& master = net.add();
        SimNode& slave = net.add(error);
        net.link(slave, master);
        for (int i = 0; i < 30; ++i) {
            SimNode& writer = i % 2 == 0 ? master : slave;
            net.store(writer, "k", std::to_string(i));
            net.settle();
            net.reset(slave, master);
            net.settle();
            CHECK(net.differences() == "");
            CHECK(master.content() == "k=" + std::to_string(i));
        }
    }
}

TEST_CASE("clocks: one that jumps while the link is up loses nothing") {
    for (const SimTime jump : clock_errors) {
        CAPTURE(jump.count());
        SimNet net;
        SimNode& master = net.add();
        SimNode& slave = net.add();
        net.link(slave, master);
        net.store(slave, "a", "before");
        net.store(master, "b", "before");
        net.settle();
        slave.clock_error = jump;
        net.store(slave, "a", "after");
        net.store(master, "b", "after");
        net.settle();
        CHECK(net.differences() == "");
        CHECK(master.content() == "a=after b=after");
    }
}

TEST_CASE("clocks: timeouts and keepalives do not look at them") {
    SimNet net;
    SimNode& master = net.add();
    SimNode& slave = net.add();
    net.link(slave, master);
    slave.clock_error = 50h;
    net.advance(10min);
    slave.clock_error = -50h;
    net.advance(10min);
    CHECK(master.log().count("link_down") == 0);
    CHECK(slave.log().count("link_down") == 0);
}
