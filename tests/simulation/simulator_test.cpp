#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/simulation/sim_net.hpp"

using namespace clacks::simulation;
using namespace std::chrono_literals;

namespace {

/// Everything that a listener at the root sees of a lively hour in a tree.
std::string story(std::uint64_t seed) {
    SimNet net({.seed = seed});
    SimNode& root = net.add();
    SimNode& slave = net.add(3min);
    SimNode& leaf = net.add(-2h);
    SimClient& monitor = net.client(root);
    monitor.send("MONITOR");
    net.link(slave, root);
    net.link(leaf, slave);
    for (int i = 0; i < 20; ++i) {
        net.store(net.random().one_in(2) ? slave : leaf, "key" + std::to_string(i), "value");
        net.advance(10s);
        if (i % 7 == 0) net.reset(slave, root);
    }
    net.settle();
    return monitor.lines() + " / " + root.log().text() + std::to_string(net.events().count());
}

}  // namespace

TEST_CASE("simulator: the same seed gives the same run to the last line, another seed another") {
    const std::string once = story(7);
    CHECK(once == story(7));
    CHECK(once != story(8));
}

TEST_CASE("simulator: events happen in the order of their times, then as they were asked for") {
    Events events;
    std::string happened;
    const auto note = [&](char letter) { return [&happened, letter] { happened += letter; }; };
    events.at(20us, Events::Kind::message, note('c'));
    events.at(10us, Events::Kind::message, note('a'));
    events.at(20us, Events::Kind::timer, note('d'));
    events.at(10us, Events::Kind::message, [&] {
        happened += 'b';
        events.after(0us, Events::Kind::message, note('x'));
    });
    CHECK(events.busy());
    events.run_until(10us);
    CHECK(happened == "abx");
    CHECK(events.now() == 10us);
    events.run_until(1s);
    CHECK(happened == "abxcd");
    CHECK(events.now() == 1s);
    CHECK_FALSE(events.busy());
    CHECK_FALSE(events.step());
}

TEST_CASE("simulator: timers do not keep it busy") {
    Events events;
    events.at(1s, Events::Kind::timer, [] {});
    CHECK_FALSE(events.busy());
    CHECK(events.step());
    CHECK(events.now() == 1s);
}

TEST_CASE("simulator: a cut is noticed by the silence, and healed by dialling again") {
    SimNet net;
    SimNode& master = net.add();
    SimNode& slave = net.add();
    net.link(slave, master);
    net.cut(slave, master);
    CHECK_FALSE(slave.in_sync());
    net.store(slave, "a", "1");
    net.advance(10s);
    CHECK_FALSE(master.retrieve("a"));
    CHECK(slave.log().count("link_down") == 0);
    net.advance(2min);
    CHECK(slave.log().text().find("reason=ping_timeout") != std::string::npos);
    CHECK(master.log().text().find("reason=ping_timeout") != std::string::npos);
    net.heal(slave, master);
    net.settle();
    CHECK(slave.in_sync());
    CHECK(master.retrieve("a") == "1");
}

TEST_CASE("simulator: a connection that breaks is noticed at both ends at once") {
    SimNet net;
    SimNode& master = net.add();
    SimNode& slave = net.add();
    net.link(slave, master);
    net.store(slave, "a", "1");
    net.reset(slave, master);
    CHECK(slave.log().count("link_down") == 1);
    CHECK(master.log().count("link_down") == 1);
    CHECK_FALSE(master.retrieve("a"));
    net.settle();
    CHECK(master.retrieve("a") == "1");
}

TEST_CASE("simulator: what was sent before a close arrives before it") {
    SimNet net;
    SimNode& master = net.add();
    SimNode& slave = net.add();
    net.link(slave, master);
    net.store(slave, "a", "1");
    net.kill(slave);
    CHECK(master.log().count("link_down") == 0);
    net.settle();
    CHECK(master.log().count("link_down") == 1);
    CHECK(master.retrieve("a") == "1");
}

TEST_CASE("simulator: a node that stops says QUIT") {
    SimNet net;
    SimNode& node = net.add();
    SimClient& client = net.client(node);
    net.send(node, "OVERHEAD S 5");
    net.advance(4s);
    CHECK(client.connected());
    net.advance(1s);
    CHECK(client.lines() == "(empty line) | QUIT");
    CHECK_FALSE(client.connected());
    CHECK_FALSE(node.running());
}
