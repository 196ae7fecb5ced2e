#include <doctest/doctest.h>

#include <string>

#include "tests/simulation/reference_node.hpp"
#include "tests/simulation/sim_net.hpp"

using namespace clacks::simulation;
using namespace std::chrono_literals;

// One change while a slave joins, at every moment of it: no part of the handshake and of the
// exchange of the stores may undo it or lose it, at either end.
namespace {

/// A join takes less than this from the first line on, with the delays of SimOptions.
constexpr SimTime join_takes = 150ms;
constexpr SimTime join_errors[] = {0s, 300s, -300s, 3h, -3h};

/// The moments at which something is tried, from before the first line to after the last one.
template <class Try>
void at_every_moment(Try&& attempt) {
    std::uint64_t seed = 1;
    for (SimTime moment = 0ms; moment < join_takes; moment += 1500us) {
        CAPTURE(moment.count());
        attempt(moment, seed++);
    }
}

}  // namespace

TEST_CASE("join: a STORE at either end during it is undone nowhere") {
    for (const SimTime error : join_errors) {
        for (const bool at_master : {true, false}) {
            CAPTURE(error.count());
            CAPTURE(at_master);
            at_every_moment([&](SimTime moment, std::uint64_t seed) {
                SimNet net({.seed = seed});
                SimNode& master = net.add();
                SimNode& slave = net.add(error);
                net.store(master, "k", "old");
                net.store(slave, "k", "older still");
                net.store(master, "other", "1");
                net.advance(1s);
                slave.set_master(&master);
                net.advance(moment);
                net.store(at_master ? master : slave, "k", "new");
                net.settle();
                CHECK(net.differences() == "");
                CHECK(master.content() == "k=new other=1");
            });
        }
    }
}

// A plain link carries no times with a STORE, and a handshake tells the clocks to a few times the
// delay only. So of two writes closer together than that, with a break of the link between them,
// either may win, and the two ends may even disagree until the key is written again.
TEST_CASE("join: a STORE during a rejoin is not undone by what the slave knew from the last link") {
    for (const SimTime error : join_errors) {
        CAPTURE(error.count());
        at_every_moment([&](SimTime moment, std::uint64_t seed) {
            SimNet net({.seed = seed});
            SimNode& master = net.add();
            SimNode& slave = net.add(error);
            net.link(slave, master);
            net.store(master, "k", "oldest");
            net.settle();
            net.advance(join_takes);
            net.reset(slave, master);
            net.store(master, "k", "old");
            net.advance(SimTime(net.random().below(20'000)));
            slave.set_master(&master);
            net.advance(moment);
            net.store(master, "k", "new");
            net.settle();
            CHECK(net.differences() == "");
            CHECK(master.content() == "k=new");
        });
    }
}

TEST_CASE("join: REMOVE, INCREMENT and SETANDSTORE during it are undone nowhere either") {
    for (const SimTime error : join_errors) {
        for (const bool at_master : {true, false}) {
            CAPTURE(error.count());
            CAPTURE(at_master);
            at_every_moment([&](SimTime moment, std::uint64_t seed) {
                SimNet net({.seed = seed});
                SimNode& master = net.add();
                SimNode& slave = net.add(error);
                SimNode& end = at_master ? master : slave;
                for (const std::string key : {"removed", "counter", "set"}) {
                    net.store(end, key, "5");
                }
                net.advance(1s);
                slave.set_master(&master);
                net.advance(moment);
                net.remove(end, "removed");
                net.send(end, "INCREMENT counter=2");
                net.send(end, "SETANDSTORE set=6");
                net.settle();
                CHECK(net.differences() == "");
                CHECK(master.content() == "counter=7 set=6");
            });
        }
    }
}

TEST_CASE("join: a CLEARCACHE during it clears both ends, and what is stored after it stays") {
    for (const SimTime error : join_errors) {
        for (const bool at_master : {true, false}) {
            CAPTURE(error.count());
            CAPTURE(at_master);
            at_every_moment([&](SimTime moment, std::uint64_t seed) {
                SimNet net({.seed = seed});
                SimNode& master = net.add();
                SimNode& slave = net.add(error);
                SimNode& end = at_master ? master : slave;
                for (int i = 0; i < 20; ++i) {
                    net.store(master, "m" + std::to_string(i), "1");
                    net.store(slave, "s" + std::to_string(i), "1");
                }
                net.advance(1s);
                slave.set_master(&master);
                net.advance(moment);
                net.send(end, "CLEARCACHE");
                for (int i = 0; i < 5; ++i) net.store(end, "m" + std::to_string(i), "2");
                net.settle();
                CHECK(net.differences() == "");
                CHECK(master.content() == "m0=2 m1=2 m2=2 m3=2 m4=2");
            });
        }
    }
}

TEST_CASE("join: two nodes below the one that joins hear of everything") {
    for (const SimTime error : join_errors) {
        CAPTURE(error.count());
        at_every_moment([&](SimTime moment, std::uint64_t seed) {
            SimNet net({.seed = seed});
            SimNode& root = net.add();
            SimNode& middle = net.add(error);
            SimNode& leaf = net.add(-error);
            net.link(leaf, middle);
            net.store(root, "root", "1");
            net.store(middle, "middle", "1");
            net.store(leaf, "leaf", "1");
            net.advance(1s);
            middle.set_master(&root);
            net.advance(moment);
            net.store(root, "root", "2");
            net.store(middle, "middle", "2");
            net.store(leaf, "leaf", "2");
            net.settle();
            CHECK(net.differences() == "");
            CHECK(root.content() == "leaf=2 middle=2 root=2");
        });
    }
}

TEST_CASE("join: signals during it arrive at most once, and exactly once when it is over") {
    at_every_moment([&](SimTime moment, std::uint64_t seed) {
        SimNet net({.seed = seed});
        SimNode& master = net.add();
        SimNode& slave = net.add();
        SimClient& above = net.client(master);
        SimClient& below = net.client(slave);
        above.send("LISTEN a");
        below.send("LISTEN a");
        slave.set_master(&master);
        net.advance(moment);
        net.send(master, "SETANDSTORE a=down");
        net.send(slave, "SETANDSTORE b=up");
        net.settle();
        const std::string heard = below.lines();
        CHECK((heard == "" || heard == "SET a=down"));
        CHECK(above.lines() == "SET a=down");
        CHECK(net.differences() == "");
        CHECK(master.content() == "a=down b=up");
        net.send(slave, "SET a=after");
        net.settle();
        CHECK(above.lines() == "SET a=after");
    });
}

TEST_CASE("join: a Net::Clacks slave that sends back what it was told undoes nothing") {
    // The case of a busy key: it changes again and again while the slave joins, and what comes back
    // is older than what the master has by now, whatever time the slave gives it.
    for (const SimTime error : join_errors) {
        for (const SimTime between : {1ms, 4ms, 20ms}) {
            CAPTURE(error.count());
            CAPTURE(between.count());
            at_every_moment([&](SimTime moment, std::uint64_t seed) {
                SimNet net({.seed = seed});
                SimNode& master = net.add();
                ReferenceNode slave(net, error);
                net.store(master, "k", "oldest");
                net.store(master, "untouched", "1");
                net.advance(1s);
                slave.join(master);
                net.advance(moment);
                net.store(master, "k", "old");
                net.advance(between);
                net.store(master, "k", "new");
                net.settle();
                CHECK(master.content() == "k=new untouched=1");
                CHECK(slave.content() == "k=new untouched=1");
            });
        }
    }
}

TEST_CASE("join: what a Net::Clacks slave knows better is taken from it") {
    for (const SimTime error : join_errors) {
        CAPTURE(error.count());
        at_every_moment([&](SimTime moment, std::uint64_t seed) {
            SimNet net({.seed = seed});
            SimNode& master = net.add();
            ReferenceNode slave(net, error);
            net.store(master, "k", "old");
            net.store(master, "gone", "1");
            net.advance(1s);
            slave.client_sends("STORE k=newer");
            slave.client_sends("REMOVE gone");
            slave.client_sends("STORE n=1");
            net.advance(1s);
            slave.join(master);
            net.advance(moment);
            slave.client_sends("INCREMENT n");
            net.settle();
            CHECK(master.content().starts_with("k=newer n="));
            CHECK(slave.content().starts_with("k=newer n="));
        });
    }
}
