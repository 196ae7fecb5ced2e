// Trees of our nodes and of Net::Clacks nodes, in every order. What plain links carry must do the
// same everywhere; what goes wrong in the other kind must not spread.
#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "tests/simulation/reference_node.hpp"
#include "tests/simulation/sim_net.hpp"

using namespace clacks::simulation;
using namespace std::chrono_literals;

namespace {

constexpr SimTime mixed_clock_errors[] = {0s, 5min, -5min, 3h, -3h};

/// One node of either kind, as far as these tests look at it.
struct MixedPlace {
    std::string what;
    std::function<void(std::string_view)> client_sends;
    std::function<std::string()> content;
    std::function<std::string()> heard;
};

MixedPlace place(SimNet& net, SimNode& node, std::vector<std::string> names) {
    SimClient* const listener = &net.client(node);
    for (const auto& name : names) listener->send("LISTEN " + name);
    return {node.name, [&net, &node](std::string_view line) { net.send(node, line); },
            [&node] { return node.content(); }, [listener] { return listener->lines(); }};
}

MixedPlace place(ReferenceNode& node) {
    return {"reference", [&node](std::string_view line) { node.client_sends(line); },
            [&node] { return node.content(); }, [&node] { return node.heard(); }};
}

const std::vector<std::string> listened_names = {"a", "b", "c"};

/// ours ── reference ── ours ── reference: each kind above and below the other.
struct MixedChain {
    explicit MixedChain(SimTime error = {}) : middle(net, error), slave(net.add(-error)) {
        middle.join(master);
        middle.serve(slave);
        leaf.join(slave);
        net.settle();
        places = {place(net, master, listened_names), place(middle),
                  place(net, slave, listened_names), place(leaf)};
        for (auto& each : places) each.heard();  // the search for a ring
    }

    /// What all of them hold, or how they differ.
    std::string content() {
        net.settle();
        std::string text = places.front().content();
        for (const auto& each : places) {
            if (each.content() == text) continue;
            for (const auto& one : places) text += " / " + one.what + " has " + one.content();
            break;
        }
        return text;
    }
    std::string surprises() const { return middle.surprises() + leaf.surprises(); }

    SimNet net;
    SimNode& master = net.add();
    ReferenceNode middle;
    SimNode& slave;
    ReferenceNode leaf{net};
    std::vector<MixedPlace> places;
};

/// Five times: the nodes are linked and their clients write, then they are parted and write on. In
/// the end they are linked.
void live_and_part(SimNet& net, const std::vector<MixedPlace>& places,
                   const std::function<void()>& link, const std::function<void()>& part) {
    const auto write = [&] {
        for (int i = 0; i < 20; ++i) {
            // Each key has one node that writes it: plain links cannot order more.
            const std::size_t who = net.random().below(places.size());
            const auto key = std::to_string(who) + "-" + std::to_string(net.random().below(7));
            const bool removes = net.random().one_in(4);
            places[who].client_sends(removes ? "REMOVE " + key
                                             : "STORE " + key + "=" + std::to_string(i));
            net.advance(net.random().between(0ms, 5ms));
        }
        net.advance(1s);
    };
    for (int round = 0; round < 5; ++round) {
        link();
        net.settle();
        write();
        part();
        write();
    }
    link();
    net.settle();
}

}  // namespace

TEST_CASE("mixed tree: every change made at any node is made at all") {
    for (const SimTime error : mixed_clock_errors) {
        CAPTURE(error.count());
        MixedChain tree(error);
        std::string all;
        for (std::size_t i = 0; i < tree.places.size(); ++i) {
            const std::string key = "k" + std::to_string(i);
            const auto& say = tree.places[i].client_sends;
            say("STORE " + key + "=1 = 1");
            say("STORE gone" + key + "=1");
            say("REMOVE gone" + key);
            say("SETANDSTORE set" + key + "=x");
            say("INCREMENT shared=2");
            say("DECREMENT shared=0.5");
            tree.net.settle();
        }
        CHECK(tree.content() ==
              "k0=1 = 1 k1=1 = 1 k2=1 = 1 k3=1 = 1 setk0=x setk1=x setk2=x setk3=x shared=6");
        for (const auto& each : tree.places) {
            tree.places[0].client_sends("STORE again=1");
            tree.net.settle();
            each.client_sends("CLEARCACHE");
            CHECK(tree.content() == "");
        }
        CHECK(tree.surprises() == "");
    }
}

TEST_CASE("mixed tree: a signal is heard once at every node, and does not come back or go round") {
    MixedChain tree;
    for (const auto& sender : tree.places) {
        CAPTURE(sender.what);
        sender.client_sends("SET a=1");
        sender.client_sends("NOTIFY b");
        sender.client_sends("SETANDSTORE c=3");
        tree.net.settle();
        for (const auto& each : tree.places) {
            CAPTURE(each.what);
            CHECK(each.heard() == "SET a=1 | NOTIFY b | SET c=3");
        }
    }
    CHECK(tree.surprises() == "");
}

TEST_CASE("mixed tree: a word for everybody crosses it, and a watcher's MONITOR does not") {
    MixedChain tree;
    SimClient& watcher = tree.net.client(tree.slave);
    watcher.send("MONITOR");
    tree.net.send(tree.master, "OVERHEAD GNU Terry Pratchett");
    tree.net.settle();
    CHECK(tree.middle.heard() == "OVERHEAD GN Terry Pratchett");
    CHECK(tree.leaf.heard() == "OVERHEAD GN Terry Pratchett");
    CHECK(tree.places[0].heard() == "OVERHEAD GN Terry Pratchett");
    CHECK(tree.surprises() == "");
    watcher.lines();
    tree.net.send(tree.master, "SET a=1");
    tree.net.settle();
    const std::string seen = watcher.lines();
    CHECK(seen.ends_with("=SET a=1"));
    CHECK(std::count(seen.begin(), seen.end(), '|') == 0);
}

TEST_CASE("mixed tree: what only our nodes understand reaches a plain one as what it understands") {
    MixedChain tree;
    const auto& say = tree.places[0].client_sends;
    say("STOREFOR 5 short=1");
    say("STOREIF absent once=1");
    say("STOREIF absent once=2");
    say("INCREMENTANDRETRIEVE n=4");
    say("DECREMENTANDRETRIEVE n");
    say("STOREIF absent removed=1");
    say("REMOVEIF version:0 removed");
    CHECK(tree.content() == "n=3 once=1 removed=1 short=1");
    tree.net.advance(5min);  // a cleaning, at least
    CHECK(tree.content() == "n=3 once=1 removed=1");
    CHECK(tree.surprises() == "");
}

TEST_CASE("mixed tree: the changes of one key are the same at all nodes, in the same order") {
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
        CAPTURE(seed);
        SimNet net({.seed = seed});
        SimNode& master = net.add();
        ReferenceNode middle(net);
        SimNode& slave = net.add();
        middle.join(master);
        middle.serve(slave);
        net.settle();
        SimClient& below = net.client(slave);
        below.send("LISTEN k");
        middle.heard();
        std::string expected;
        for (int i = 0; i < 300; ++i) {
            const std::string value = std::to_string(i);
            expected += (i == 0 ? "SET k=" : " | SET k=") + value;
            net.send(master, "SETANDSTORE k=" + value);
            net.advance(net.random().between(0ms, 2ms));
        }
        net.settle();
        CHECK(middle.heard() == expected);
        CHECK(below.lines() == expected);
        for (const auto& content : {master.content(), middle.content(), slave.content()}) {
            CHECK(content == "k=299");
        }
    }
}

TEST_CASE("mixed tree: a change while ours joins a Net::Clacks master is undone at neither end") {
    for (const SimTime error : mixed_clock_errors) {
        for (const bool at_master : {true, false}) {
            for (SimTime moment = 0ms; moment < 150ms; moment += 2ms) {
                CAPTURE(error.count());
                CAPTURE(at_master);
                CAPTURE(moment.count());
                SimNet net({.seed = static_cast<std::uint64_t>(moment.count())});
                ReferenceNode master(net, error);
                SimNode& slave = net.add();
                net.store(slave, "k", "oldest");
                net.store(slave, "mine", "1");
                master.client_sends("STORE theirs=1");
                net.advance(1s);
                master.client_sends("STORE k=old");
                net.advance(1s);
                master.serve(slave);
                net.advance(moment);
                if (at_master) {
                    master.client_sends("STORE k=new");
                } else {
                    net.store(slave, "k", "new");
                }
                net.settle();
                CHECK(slave.content() == "k=new mine=1 theirs=1");
                CHECK(master.content() == "k=new mine=1 theirs=1");
            }
        }
    }
}

TEST_CASE("mixed tree: a plain slave that missed a CLEARCACHE or a REMOVE brings nothing back") {
    for (const SimTime error : mixed_clock_errors) {
        CAPTURE(error.count());
        SimNet net;
        SimNode& master = net.add();
        ReferenceNode slave(net, error);
        net.store(master, "cleared", "1");
        net.store(master, "removed", "1");
        slave.join(master);
        net.settle();
        slave.leave();
        net.advance(1min);
        net.remove(master, "removed");
        net.advance(1min);
        net.send(master, "CLEARCACHE");
        net.advance(1min);
        slave.client_sends("STORE own=1");
        net.advance(1min);
        slave.join(master);
        net.settle();
        CHECK(master.content() == "own=1");
        CHECK(slave.content() == "own=1");
        CHECK(slave.surprises() == "");
    }
}

TEST_CASE("mixed tree: a plain master that missed a CLEARCACHE or a REMOVE brings nothing back") {
    for (const SimTime error : mixed_clock_errors) {
        CAPTURE(error.count());
        SimNet net;
        ReferenceNode master(net, error);
        SimNode& slave = net.add();
        master.client_sends("STORE cleared=1");
        master.client_sends("STORE removed=1");
        master.serve(slave);
        net.settle();
        CHECK(slave.content() == "cleared=1 removed=1");
        master.leave();
        net.advance(1min);
        net.remove(slave, "removed");
        net.advance(1min);
        net.send(slave, "CLEARCACHE");
        net.advance(1min);
        master.client_sends("STORE own=1");
        net.advance(1min);
        master.serve(slave);
        net.settle();
        CHECK(slave.content() == "own=1");
        CHECK(master.content() == "own=1");
        CHECK(master.surprises() == "");
    }
}

TEST_CASE("mixed tree: rejoining a plain master again and again changes nothing at either end") {
    for (const SimTime error : mixed_clock_errors) {
        CAPTURE(error.count());
        SimNet net;
        ReferenceNode master(net, error);
        SimNode& slave = net.add();
        net.store(slave, "mine", "1");
        master.client_sends("STORE theirs=1");
        for (int i = 0; i < 20; ++i) {
            master.serve(slave);
            net.settle();
            master.leave();
            net.advance(1s);
        }
        // The times have not crept forward: a write of now is newer than what went to and fro.
        net.store(slave, "theirs", "2");
        master.client_sends("STORE mine=2");
        net.advance(1s);
        master.serve(slave);
        net.settle();
        CHECK(slave.content() == "mine=2 theirs=2");
        CHECK(master.content() == "mine=2 theirs=2");
    }
}

TEST_CASE("mixed tree: ours above and below: all hold the same, whatever breaks meanwhile") {
    // With equal clocks: a Net::Clacks node passes on the times of one neighbour to the other as
    // they are, so behind one whose clock is wrong nobody can tell what is newer.
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        CAPTURE(seed);
        SimNet net({.seed = seed});
        SimNode& master = net.add();
        ReferenceNode middle(net);
        SimNode& slave = net.add();
        const auto link = [&] {
            middle.join(master);
            middle.serve(slave);
        };
        live_and_part(net, {place(net, master, {}), place(middle), place(net, slave, {})}, link,
                      [&] { middle.leave(); });
        CHECK(master.content() == slave.content());
        CHECK(master.content() == middle.content());
        CHECK(middle.surprises() == "");
    }
}

TEST_CASE("mixed tree: ours between: all hold the same, whatever breaks and the clocks say") {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        CAPTURE(seed);
        SimNet net({.seed = seed});
        const auto error = [&] { return net.random().between(-10min, 10min); };
        ReferenceNode master(net, error());
        SimNode& middle = net.add(error());
        ReferenceNode slave(net, error());
        const auto link = [&] {
            master.serve(middle);
            slave.join(middle);
        };
        live_and_part(net, {place(master), place(net, middle, {}), place(slave)}, link, [&] {
            master.leave();
            slave.leave();
        });
        CHECK(middle.content() == master.content());
        CHECK(middle.content() == slave.content());
        CHECK(master.surprises() + slave.surprises() == "");
    }
}

TEST_CASE(
    "mixed tree: OVERHEAD GS stops it from anywhere, the others told first, after its delay") {
    MixedChain tree;
    SimClient& client = tree.net.client(tree.slave);
    client.send("OVERHEAD GS 5");
    tree.net.settle();
    CHECK(tree.middle.heard() == "OVERHEAD GS 5");
    CHECK(tree.leaf.heard() == "OVERHEAD GS 5");
    CHECK(tree.places[0].heard() == "OVERHEAD GS 5");  // the master's client
    tree.net.advance(4900ms - 100ms);
    CHECK(tree.slave.running());
    CHECK(tree.master.running());
    tree.net.advance(1s);
    CHECK_FALSE(tree.slave.running());
    CHECK_FALSE(tree.master.running());
    CHECK(client.lines() == "(empty line) | QUIT");
}

TEST_CASE("mixed tree: a ring through a Net::Clacks node is found, whichever link closes it") {
    for (const bool plain_link_last : {true, false}) {
        CAPTURE(plain_link_last);
        SimNet net;
        SimNode& one = net.add();
        ReferenceNode plain(net);
        SimNode& other = net.add();
        plain.serve(other);
        const auto close_by = [&](bool plain_link) {
            if (plain_link) {
                plain.join(one);
            } else {
                one.set_master(&other);
            }
            net.advance(1s);
        };
        close_by(!plain_link_last);
        close_by(plain_link_last);
        CHECK(one.log().count("cycle") + other.log().count("cycle") > 0);
        plain.heard();
        net.send(one, "SET a=1");
        net.send(other, "SET b=1");
        net.advance(10s);
        const std::string heard = plain.heard();
        CHECK(heard.find("SET a=1") != std::string::npos);
        CHECK(heard.find("SET b=1") != std::string::npos);
        // Whoever is refused dials again, and for some milliseconds the ring is closed. But
        // nothing that was said goes round any more.
        net.advance(1min);
        CHECK(plain.heard().find("SET") == std::string::npos);
    }
}
