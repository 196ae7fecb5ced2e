#include <doctest/doctest.h>

#include <string>
#include <utility>

#include "tests/simulation/sim_net.hpp"

using namespace clacks::simulation;
using namespace std::chrono_literals;

// What holds between two of our nodes and cannot over a plain link.
namespace {

/// A master and its slave in sync, and at both somebody who watches what comes over the link.
struct Watched {
    SimNet net;
    SimNode& master = net.add();
    SimNode& slave = net.add();

    Watched() { net.link(slave, master); }

    /// Begins to count anew.
    void watch() {
        for (SimNode* node : {&master, &slave}) {
            SimClient& watcher = net.client(*node);
            watcher.send("MONITOR");
            watcher.lines();
            (node == &master ? at_master_ : at_slave_) = &watcher;
        }
    }

    /// How many KEYSYNCs have come since the last call: to the master, to the slave.
    std::pair<int, int> keysyncs() { return {count(*at_master_), count(*at_slave_)}; }

private:
    static int count(SimClient& watcher) {
        const std::string seen = watcher.lines();
        int found = 0;
        for (auto at = seen.find("=KEYSYNC "); at != seen.npos;
             at = seen.find("=KEYSYNC ", at + 1)) {
            ++found;
        }
        return found;
    }

    SimClient* at_master_ = nullptr;
    SimClient* at_slave_ = nullptr;
};

}  // namespace

TEST_CASE("feed: a link that comes back brings what has changed meanwhile, and no more") {
    Watched tree;
    tree.watch();
    for (int i = 0; i < 500; ++i) tree.net.store(tree.slave, "key" + std::to_string(i), "1");
    tree.net.settle();
    tree.net.advance(10s);  // each is told up to where that was all
    CHECK((tree.keysyncs() == std::pair(500, 0)));
    for (int i = 0; i < 3; ++i) {
        CAPTURE(i);
        tree.net.reset(tree.slave, tree.master);
        tree.net.store(tree.slave, "key7", std::to_string(i));
        tree.net.remove(tree.slave, "key8");
        tree.net.settle();
        CHECK((tree.keysyncs() == std::pair(2, 0)));
        CHECK(tree.net.differences() == "");
        tree.net.advance(10s);
    }
}

TEST_CASE("feed: a link that breaks again and again while much is told ends with all of it told") {
    for (const std::uint64_t seed : {1U, 2U, 3U, 4U}) {
        CAPTURE(seed);
        SimNet net({.seed = seed});
        SimNode& master = net.add();
        SimNode& slave = net.add(1h);
        // Too much for one turn at either end.
        const std::string value(100, 'v');
        for (SimNode* node : {&master, &slave}) {
            std::string lines;
            for (int i = 0; i < 30'000; ++i) {
                lines += "STORE " + node->name + "." + std::to_string(i) + "=" + value + "\r\n";
            }
            net.send(*node, lines);
        }
        slave.set_master(&master);
        for (int i = 0; i < 8; ++i) {
            net.advance(net.random().between(0ms, 150ms));
            SimNode& node = net.random().one_in(2) ? master : slave;
            net.send(node, "INCREMENT hits");
            net.remove(node, "node" + std::to_string(net.random().below(2)) + ".7");
            if (seed == 4 && i == 5) net.send(node, "CLEARCACHE");
            net.reset(slave, master);
        }
        net.settle();
        CHECK(master.retrieve("hits").has_value());
        CHECK((master.content().size() > 2'000'000) == (seed != 4));
        CHECK(net.differences().substr(0, 200) == "");
    }
}

TEST_CASE("feed: to a node that has lost its store everything is told again") {
    Watched tree;
    for (int i = 0; i < 50; ++i) tree.net.store(tree.slave, "key" + std::to_string(i), "1");
    tree.net.settle();
    tree.net.advance(10s);
    tree.net.restart(tree.master);
    tree.net.settle();
    CHECK(tree.net.differences() == "");
    CHECK(tree.master.retrieve("key49") == "1");
}

TEST_CASE("feed: a key that changes ten times in a turn of the link is told once") {
    Watched tree;
    tree.watch();
    SimClient& client = tree.net.client(tree.slave);
    client.send("INCREMENT hits\r\nINCREMENT hits\r\nINCREMENT hits\r\nSTORE a=1\r\nSTORE a=2");
    tree.net.settle();
    CHECK((tree.keysyncs() == std::pair(2, 0)));
    CHECK(tree.master.retrieve("hits") == "3");
    CHECK(tree.master.retrieve("a") == "2");
}

TEST_CASE("feed: counters that were incremented on both sides of a partition hold all of it") {
    Watched tree;
    tree.net.send(tree.master, "INCREMENT hits=10");
    tree.net.settle();
    tree.net.cut(tree.slave, tree.master);
    for (int i = 0; i < 5; ++i) tree.net.send(tree.master, "INCREMENT hits");
    for (int i = 0; i < 7; ++i) tree.net.send(tree.slave, "INCREMENT hits");
    tree.net.send(tree.slave, "DECREMENT left=3");
    tree.net.send(tree.master, "INCREMENT left");
    tree.net.advance(3min);
    tree.net.heal(tree.slave, tree.master);
    tree.net.settle();
    CHECK(tree.net.differences() == "");
    CHECK(tree.master.retrieve("hits") == "22");
    CHECK(tree.master.retrieve("left") == "-2");
}

TEST_CASE("feed: two ends that write one key in the same moment agree on one of the values") {
    for (int i = 0; i < 20; ++i) {
        Watched tree;
        tree.net.store(tree.master, "key", "master's");
        tree.net.store(tree.slave, "key", "slave's");
        tree.net.settle();
        CHECK(tree.net.differences() == "");
    }
}

TEST_CASE("feed: what was cleared on one side of a partition does not come back from the other") {
    for (const bool at_master : {true, false}) {
        CAPTURE(at_master);
        Watched tree;
        SimNode& clearing = at_master ? tree.master : tree.slave;
        SimNode& other = at_master ? tree.slave : tree.master;
        for (int i = 0; i < 20; ++i) tree.net.store(tree.slave, "old" + std::to_string(i), "1");
        tree.net.settle();
        tree.net.cut(tree.slave, tree.master);
        tree.net.store(other, "before", "1");
        tree.net.advance(1s);
        tree.net.send(clearing, "CLEARCACHE");
        tree.net.advance(1s);
        tree.net.store(other, "after", "1");
        tree.net.advance(3min);
        tree.net.heal(tree.slave, tree.master);
        tree.net.settle();
        CHECK(tree.net.differences() == "");
        CHECK(tree.master.content() == "after=1");
    }
}

TEST_CASE("feed: an entry expires at the same instant everywhere, whatever the clocks say") {
    SimNet net;
    SimNode& root = net.add(2h);
    SimNode& middle = net.add(-3h);
    SimNode& leaf = net.add(20min);
    net.store(leaf, "early", "1");
    net.send(leaf, "EXPIRE early=600");
    net.link(leaf, middle);
    net.link(middle, root);
    net.send(middle, "STOREFOR 600 key=1");
    net.settle();
    const auto gone = [&](std::string_view key) {
        int count = 0;
        for (std::size_t i = 0; i < net.size(); ++i) count += net.node(i).retrieve(key) ? 0 : 1;
        return count;
    };
    CHECK(gone("key") == 0);
    net.advance(500s);
    leaf.clock_error = 9h;
    CHECK(gone("early") == 0);
    // All within the time that a question for the time takes.
    while (gone("key") == 0) net.advance(10ms);
    net.advance(100ms);
    CHECK(gone("key") == 3);
    CHECK(gone("early") == 3);
}

TEST_CASE("feed: who hears of a SETANDSTORE on another node finds the value there") {
    Watched tree;
    SimClient& listener = tree.net.client(tree.master);
    listener.send("LISTEN a");
    tree.net.send(tree.slave, "SETANDSTORE a=1");
    while (listener.lines().find("SET a=1") == std::string::npos) tree.net.advance(100us);
    CHECK(tree.master.retrieve("a") == "1");
}

TEST_CASE("feed: who was away longer than tombstones are kept ends with the same as the others") {
    clacks::node::Settings settings = SimNode::default_settings();
    settings.cache.deleted = 60s;
    settings.cache.cleanup = 5s;
    for (const bool at_master : {true, false}) {
        CAPTURE(at_master);
        SimNet net;
        SimNode& master = net.add(settings);
        SimNode& slave = net.add(settings);
        net.link(slave, master);
        SimNode& removing = at_master ? master : slave;
        net.store(slave, "kept", "1");
        net.store(master, "removed", "1");
        net.settle();
        net.advance(10s);
        net.cut(slave, master);
        net.remove(removing, "removed");
        net.advance(5min);
        net.heal(slave, master);
        net.settle();
        CHECK(net.differences() == "");
        CHECK(master.retrieve("kept") == "1");
    }
}
