#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/simulation/sim_net.hpp"

using namespace clacks::simulation;
using namespace std::chrono_literals;

namespace {

/// master ── slave ── leaf, and another slave; a listening client at each.
struct SignalTree {
    explicit SignalTree(SimOptions options = {}) : net(options) {
        net.link(slave, master);
        net.link(leaf, slave);
        net.link(other, master);
        for (SimNode* node : {&master, &slave, &leaf, &other}) {
            listeners.push_back(&net.client(*node));
            listeners.back()->send("LISTEN a");
        }
    }
    SimNet net;
    SimNode& master = net.add();
    SimNode& slave = net.add(5min);
    SimNode& leaf = net.add(-3h);
    SimNode& other = net.add();
    std::vector<SimClient*> listeners;
};

}  // namespace

TEST_CASE("tree: a signal from any node arrives once at every listener and not at its sender") {
    SignalTree tree;
    for (SimClient* sender : tree.listeners) {
        for (const std::string line : {"SET a=1", "NOTIFY a", "SETANDSTORE a=2"}) {
            CAPTURE(line);
            sender->send(line);
            tree.net.settle();
            const std::string expected = line == "SETANDSTORE a=2" ? "SET a=2" : line;
            for (SimClient* listener : tree.listeners) {
                CHECK(listener->lines() == (listener == sender ? "" : expected));
            }
        }
    }
}

TEST_CASE("tree: what one client sends arrives everywhere in its order, without loss") {
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
        CAPTURE(seed);
        SignalTree tree({.seed = seed});
        for (SimClient* sender : tree.listeners) {
            std::string expected;
            for (int i = 0; i < 200; ++i) {
                const std::string line = "SET a=" + std::to_string(i);
                sender->send(line);
                expected += (i == 0 ? "" : " | ") + line;
                if (i % 10 == 0) tree.net.advance(tree.net.random().between(0ms, 5ms));
            }
            tree.net.settle();
            for (SimClient* listener : tree.listeners) {
                CHECK(listener->lines() == (listener == sender ? "" : expected));
            }
        }
    }
}

TEST_CASE("tree: a signal crosses a link whether anybody listens there or not, and does nothing") {
    SignalTree tree;
    SimClient& deaf = tree.net.client(tree.leaf);
    tree.net.send(tree.other, "SET unheard=1");
    tree.net.settle();
    CHECK(deaf.lines() == "");
    CHECK(tree.net.differences() == "");
}

TEST_CASE("tree: LISTEN, UNLISTEN and MONITOR over a link have no effect") {
    SignalTree tree;
    // A client at the leaf monitors: it sees the lines that arrive there, and what it says stays.
    SimClient& monitor = tree.net.client(tree.leaf);
    monitor.send("MONITOR");
    tree.net.settle();
    monitor.lines();
    tree.net.send(tree.master, "MONITOR");
    tree.net.send(tree.master, "LISTEN a");
    tree.net.settle();
    CHECK(monitor.lines() == "");
    tree.net.send(tree.other, "SET a=1");
    tree.net.settle();
    const std::string seen = monitor.lines();
    CHECK(seen.ends_with("=SET a=1"));
    CHECK(seen.find(" | ") == std::string::npos);
    for (SimClient* listener : tree.listeners) CHECK(listener->lines() == "SET a=1");
}

TEST_CASE("tree: two nodes that monitor each other's traffic do not mirror for ever") {
    SignalTree tree;
    for (SimNode* node : {&tree.master, &tree.slave, &tree.leaf}) {
        tree.net.client(*node).send("MONITOR");
    }
    tree.net.settle();
    const auto before = tree.net.events().count();
    tree.net.send(tree.leaf, "SET a=1");
    tree.net.settle();
    CHECK(tree.net.events().count() - before < 100);
}

TEST_CASE("tree: GNU travels to every client and back to its sender, once") {
    SignalTree tree;
    SimClient& quiet = tree.net.client(tree.master);
    tree.listeners.back()->send("OVERHEAD GNU Terry Pratchett");
    tree.net.settle();
    CHECK(quiet.lines() == "OVERHEAD GN Terry Pratchett");
    for (SimClient* client : tree.listeners)
        CHECK(client->lines() == "OVERHEAD GN Terry Pratchett");
}

TEST_CASE("tree: a message with any letters of OVERHEAD crosses it and breaks no link") {
    SignalTree tree;
    SimClient& sender = tree.net.client(tree.leaf);
    for (const char letter : std::string("ABCDEFHIJKLMNOPQRSTVWXYZ")) {
        CAPTURE(letter);
        // These mean the hop they are said on, or end something on purpose.
        if (std::string("ACFILOST").find(letter) != std::string::npos) continue;
        sender.send(std::string("OVERHEAD G") + letter + " hello");
        tree.net.settle();
        for (SimClient* client : tree.listeners) {
            const std::string heard = client->lines();
            CHECK(heard.starts_with("OVERHEAD "));
            CHECK(heard.ends_with(" hello"));
            CHECK(heard.find(" | ") == std::string::npos);
        }
    }
    CHECK(tree.master.log().count("link_down") == 0);
    CHECK(tree.slave.log().count("link_down") == 0);
}

TEST_CASE("tree: signals to listeners at a node without a master arrive as ever") {
    SignalTree tree;
    tree.net.kill(tree.master);
    tree.net.settle();
    tree.net.send(tree.leaf, "SET a=1");
    tree.net.settle();
    CHECK(tree.listeners[1]->lines() == "SET a=1");
    CHECK(tree.listeners[2]->lines() == "SET a=1");
    CHECK(tree.listeners[3]->lines() == "");
}

TEST_CASE("tree: a signal and what it says is stored arrive in their order over two hops") {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        CAPTURE(seed);
        SignalTree tree({.seed = seed});
        SimClient& sender = tree.net.client(tree.other);
        sender.send("STORE a=stored before it was said");
        sender.send("NOTIFY a");
        SimClient& listener = *tree.listeners[2];
        std::string heard;
        while (heard.empty()) {
            REQUIRE(tree.net.events().step());
            heard = listener.lines();
        }
        CHECK(heard == "NOTIFY a");
        CHECK(tree.leaf.retrieve("a") == "stored before it was said");
    }
}

TEST_CASE("tree: three hundred nodes hear a signal once each and hold one store") {
    SimNet net;
    for (std::size_t i = 0; i < 300; ++i) {
        SimNode& node = net.add(net.random().between(-1h, 1h));
        if (i > 0) node.set_master(&net.node(net.random().below(i)));
    }
    net.settle();
    std::vector<SimClient*> listeners;
    for (std::size_t i = 0; i < net.size(); ++i) {
        listeners.push_back(&net.client(net.node(i)));
        listeners.back()->send("LISTEN a");
    }
    SimClient* const sender = net.random().pick(listeners);
    sender->send("SETANDSTORE a=1");
    net.settle();
    std::size_t heard = 0;
    for (SimClient* listener : listeners) heard += listener->lines() == "SET a=1" ? 1 : 0;
    CHECK(heard == net.size() - 1);
    CHECK(net.node(0).content() == "a=1");
    CHECK(net.differences() == "");
}
