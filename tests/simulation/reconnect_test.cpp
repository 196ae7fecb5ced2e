#include <doctest/doctest.h>

#include <string>

#include "tests/simulation/sim_net.hpp"

using namespace clacks::simulation;
using namespace std::chrono_literals;

namespace {

constexpr SimTime reconnect_errors[] = {0s, 7min, -7min, 4h, -4h};

/// master ── slave ── leaf, all in sync.
struct Chain {
    explicit Chain(SimTime slave_error = {}, SimTime leaf_error = {})
        : slave(net.add(slave_error)), leaf(net.add(leaf_error)) {
        net.link(slave, master);
        net.link(leaf, slave);
    }
    std::string content() {
        net.settle();
        const std::string differences = net.differences();
        return differences.empty() ? master.content() : differences;
    }
    /// The slave is away, with its leaf, and does not know it yet.
    void part() { net.cut(slave, master); }
    void meet() {
        net.heal(slave, master);
        net.settle();
    }
    SimNet net;
    SimNode& master = net.add();
    SimNode& slave;
    SimNode& leaf;
};

}  // namespace

TEST_CASE("reconnect: a master that was restarted gets everything back from its slaves") {
    for (const SimTime error : reconnect_errors) {
        CAPTURE(error.count());
        Chain chain(error, -error);
        chain.net.store(chain.master, "m", "1");
        chain.net.store(chain.leaf, "l", "1");
        chain.net.store(chain.slave, "gone", "1");
        chain.net.settle();
        chain.net.remove(chain.slave, "gone");
        chain.net.settle();
        chain.net.restart(chain.master);
        CHECK(chain.master.content() == "");
        CHECK(chain.content() == "l=1 m=1");
        chain.net.store(chain.master, "after", "1");
        CHECK(chain.content() == "after=1 l=1 m=1");
    }
}

TEST_CASE("reconnect: what was stored at a restarted master before its slaves came back stays") {
    Chain chain;
    chain.net.store(chain.master, "k", "old");
    chain.net.settle();
    chain.net.advance(1s);
    chain.net.restart(chain.master);
    chain.net.store(chain.master, "k", "new");
    CHECK(chain.content() == "k=new");
}

TEST_CASE("reconnect: a restarted node in the middle or at the end gets everything back") {
    Chain chain(3min, -3min);
    chain.net.store(chain.master, "m", "1");
    chain.net.store(chain.leaf, "l", "1");
    chain.net.settle();
    chain.net.restart(chain.slave);
    CHECK(chain.content() == "l=1 m=1");
    chain.net.restart(chain.leaf);
    CHECK(chain.content() == "l=1 m=1");
}

TEST_CASE("reconnect: a slave without its master keeps serving, and merges when it can") {
    Chain chain;
    chain.net.kill(chain.master);
    chain.net.settle();
    chain.net.store(chain.leaf, "a", "1");
    chain.net.send(chain.slave, "INCREMENT n");
    chain.net.settle();
    CHECK(chain.slave.content() == "a=1 n=1");
    CHECK(chain.leaf.content() == "a=1 n=1");
    chain.net.advance(10min);
    chain.master.start();
    CHECK(chain.content() == "a=1 n=1");
}

TEST_CASE("reconnect: a slave that missed a REMOVE does not bring the key back") {
    for (const SimTime error : reconnect_errors) {
        CAPTURE(error.count());
        Chain chain(error, error);
        chain.net.store(chain.leaf, "gone", "1");
        chain.net.store(chain.master, "kept", "1");
        chain.net.settle();
        chain.part();
        chain.net.advance(1s);
        chain.net.remove(chain.master, "gone");
        chain.net.advance(5min);
        chain.meet();
        CHECK(chain.content() == "kept=1");
    }
}

TEST_CASE("reconnect: a master that missed a REMOVE does not bring the key back") {
    for (const SimTime error : reconnect_errors) {
        CAPTURE(error.count());
        Chain chain(error, -error);
        chain.net.store(chain.master, "gone", "1");
        chain.net.settle();
        chain.part();
        chain.net.advance(1s);
        chain.net.remove(chain.leaf, "gone");
        chain.net.advance(5min);
        chain.meet();
        CHECK(chain.content() == "");
    }
}

TEST_CASE("reconnect: who missed a CLEARCACHE brings nothing back, and keeps what came after it") {
    for (const SimTime error : reconnect_errors) {
        for (const bool master_clears : {true, false}) {
            CAPTURE(error.count());
            CAPTURE(master_clears);
            Chain chain(error, -error);
            for (int i = 0; i < 50; ++i) {
                const std::string number = std::to_string(i);
                chain.net.store(chain.net.node(static_cast<std::size_t>(i) % 3), "k" + number,
                                number);
            }
            chain.net.settle();
            chain.part();
            chain.net.advance(1s);
            chain.net.store(master_clears ? chain.leaf : chain.master, "before", "1");
            chain.net.advance(1s);
            chain.net.send(master_clears ? chain.master : chain.leaf, "CLEARCACHE");
            chain.net.advance(1s);
            chain.net.store(master_clears ? chain.leaf : chain.master, "after", "1");
            chain.net.store(master_clears ? chain.master : chain.leaf, "later", "1");
            chain.net.advance(5min);
            chain.meet();
            CHECK(chain.content() == "after=1 later=1");
        }
    }
}

TEST_CASE(
    "reconnect: a CLEARCACHE outlives the tombstones and a restart of the node that said it") {
    Chain chain;
    SimNode& other = chain.net.add();
    chain.net.link(other, chain.master);
    chain.net.store(chain.leaf, "a", "1");
    chain.net.settle();
    chain.part();
    chain.net.send(chain.master, "CLEARCACHE");
    chain.net.settle();
    chain.net.advance(5h);  // cache.deleted is one
    chain.net.restart(chain.master);
    chain.net.settle();
    chain.meet();
    CHECK(chain.content() == "");
}

TEST_CASE("reconnect: a link that breaks at any moment, also while the stores are exchanged") {
    for (std::uint64_t seed = 0; seed < 30; ++seed) {
        CAPTURE(seed);
        SimNet net({.seed = seed});
        SimNode& master = net.add();
        SimNode& slave = net.add(net.random().between(-10min, 10min));
        for (int i = 0; i < 100; ++i) {
            net.store(master, "m" + std::to_string(i), "1");
            net.store(slave, "s" + std::to_string(i), "1");
        }
        slave.set_master(&master);
        for (int i = 0; i < 10; ++i) {
            net.advance(net.random().between(0ms, 150ms));
            net.reset(slave, master);
            // Some of these are lost on the way, and made up for by the next exchange.
            net.store(master, "m" + std::to_string(i), "2");
            net.remove(slave, "s" + std::to_string(i));
            net.advance(net.random().between(0ms, 2000ms));
        }
        net.settle();
        CHECK(net.differences() == "");
        for (int i = 0; i < 10; ++i) {
            CHECK(slave.retrieve("m" + std::to_string(i)) == "2");
            CHECK_FALSE(master.retrieve("s" + std::to_string(i)));
        }
    }
}

TEST_CASE("reconnect: a dead connection that the master has not noticed does no harm") {
    Chain chain;
    SimClient& listener = chain.net.client(chain.slave);
    listener.send("LISTEN a");
    chain.part();
    chain.net.advance(50s);
    chain.net.restart(chain.slave);  // it dials anew; the master still holds the old connection
    chain.meet();
    listener.reconnect();
    listener.send("LISTEN a");
    chain.net.send(chain.master, "SET a=1");
    chain.net.settle();
    CHECK(listener.lines() == "SET a=1");
}

TEST_CASE("reconnect: slaves of a master that comes back do not dial all at once") {
    SimNet net;
    SimNode& master = net.add();
    for (int i = 0; i < 50; ++i) net.add().set_master(&master);
    net.settle();
    net.kill(master);
    net.advance(10min);
    master.start();
    net.advance(3s);
    CHECK(master.log().count("link_up") < 50 + 25);
    net.advance(60s);
    CHECK(master.log().count("link_up") == 50 + 50);
}

TEST_CASE("reconnect: a wrong password at either end is said at both, and nothing is exchanged") {
    SimNet net;
    SimNode& master = net.add();
    clacks::node::Settings settings = SimNode::default_settings();
    settings.users.front().password = "wrong";
    SimNode& slave = net.add(settings);
    net.store(master, "secret", "1");
    slave.set_master(&master);
    net.advance(1min);
    CHECK_FALSE(slave.in_sync());
    CHECK(slave.content() == "");
    CHECK(slave.log().count("link_refused") > 0);
    CHECK(master.log().count("login_failed") > 0);
}
