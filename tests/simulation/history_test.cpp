#include <doctest/doctest.h>

#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/simulation/sim_net.hpp"

using namespace clacks::simulation;
using namespace std::chrono_literals;

// Random histories on random trees, and what must hold at their end, however they went.
namespace {

/// A tree of two to five nodes, seldom of twelve, and what happens to it, drawn from one seed.
class History {
public:
    enum class Clocks { agree, differ };

    explicit History(std::uint64_t seed, Clocks clocks,
                     const clacks::node::Settings& settings = SimNode::default_settings())
        : net({.seed = seed}) {
        const std::size_t count = net.random().one_in(20) ? 12 : 2 + net.random().below(4);
        for (std::size_t i = 0; i < count; ++i) {
            SimNode& node =
                net.add(settings, clocks == Clocks::agree ? 0s : net.random().between(-5h, 5h));
            // Of some trees all nodes have disks, of some none.
            if (seed % 3 == 0) {
                net.kill(node);
                node.use_disk();
                node.start();
            }
            if (i > 0) net.link(node, net.node(net.random().below(i)));
        }
    }

    SimNode& any_node() { return net.node(net.random().below(net.size())); }
    /// One that has a master.
    SimNode& any_slave() { return net.node(1 + net.random().below(net.size() - 1)); }

    /// A random change of `key` at `node`.
    void change(SimNode& node, const std::string& key) {
        switch (net.random().below(6)) {
            case 0:
                return net.remove(node, key);
            case 1:
                return net.send(node, "INCREMENT " + key);
            case 2:
                return net.send(node, "SETANDSTORE " + key + "=" + std::to_string(++written_));
            default:
                return net.store(node, key, std::to_string(++written_));
        }
    }

    /// A node begins again, stopped or killed, with another clock: with what it had saved if it has
    /// a disk, else with nothing.
    void restart() {
        SimNode& node = any_node();
        if (net.random().one_in(2)) node.stop();
        net.kill(node);
        node.clock_error = net.random().between(-5h, 5h);
        node.start();
    }

    /// A link breaks, noticed or not, or comes back.
    void trouble() {
        SimNode& slave = any_slave();
        switch (net.random().below(4)) {
            case 0:
                return net.cut(slave, *slave.master());
            case 1:
                return net.reset(slave, *slave.master());
            default:
                return net.heal(slave, *slave.master());
        }
    }

    /// All can reach each other again.
    void heal() {
        for (std::size_t i = 1; i < net.size(); ++i) {
            SimNode& slave = net.node(i);
            net.heal(slave, *slave.master());
        }
        net.settle();
        // A clock that was found to be far off is known to the round trip after the next PING.
        net.advance(1min);
        net.settle();
    }

    /// Some node takes a snapshot, if it has a disk.
    void save() {
        SimNode& node = any_node();
        if (node.has_disk()) node.save();
    }

    /// A longer time than usual, seldom: a partition that nobody notices ends, or another begins.
    void pause() {
        net.advance(net.random().one_in(10) ? net.random().between(0us, 40s)
                                            : net.random().between(0us, 5ms));
    }

    /// How many of such histories are tried: CLACKS_HISTORIES, or what a test run has time for.
    static std::uint64_t count(std::uint64_t otherwise) {
        const char* const wanted = std::getenv("CLACKS_HISTORIES");
        return wanted ? std::strtoull(wanted, nullptr, 10) : otherwise;
    }

    SimNet net;

private:
    int written_ = 0;
};

std::string key(std::size_t number) { return "k" + std::to_string(number); }

}  // namespace

TEST_CASE(
    "history: nodes that nothing disturbs hold the same, if each key is written at one place") {
    for (std::uint64_t seed = 0; seed < History::count(60); ++seed) {
        CAPTURE(seed);
        History history(seed, History::Clocks::differ);
        SimNet& net = history.net;
        for (int i = 0; i < 300; ++i) {
            const std::size_t number = net.random().below(20);
            history.change(net.node(number % net.size()), key(number));
            net.advance(net.random().between(0ms, 5ms));
        }
        net.settle();
        CHECK(net.differences() == "");
    }
}

TEST_CASE(
    "history: nodes that nothing disturbs hold the same, if writes of a key wait their turn") {
    for (std::uint64_t seed = 0; seed < History::count(60); ++seed) {
        CAPTURE(seed);
        History history(seed, History::Clocks::differ);
        SimNet& net = history.net;
        for (int i = 0; i < 100; ++i) {
            for (std::size_t number = 0; number < 3; ++number) {
                history.change(history.any_node(), key(number));
            }
            net.settle();
            CHECK(net.differences() == "");
        }
    }
}

TEST_CASE("history: whatever was written where and when, all hold the same when all is healed") {
    for (std::uint64_t seed = 0; seed < History::count(200); ++seed) {
        CAPTURE(seed);
        // Tombstones that outlive everything, or hardly a partition.
        clacks::node::Settings settings = SimNode::default_settings();
        if (seed % 2 == 1) settings.cache.deleted = settings.cache.cleanup = 10s;
        History history(seed, History::Clocks::differ, settings);
        SimNet& net = history.net;
        for (int i = 0; i < 300; ++i) {
            const auto written = key(net.random().below(10));
            const auto kind = net.random().below(60);
            if (kind == 0) {
                net.send(history.any_node(), "CLEARCACHE");
            } else if (kind < 5) {
                net.send(history.any_node(), "STOREFOR 30 " + written + "=for a while");
            } else if (kind < 8) {
                net.send(history.any_node(), "EXPIRE " + written + "=60");
            } else if (kind < 10) {
                history.any_node().clock_error = net.random().between(-5h, 5h);
            } else {
                history.change(history.any_node(), written);
            }
            if (net.random().one_in(20)) history.trouble();
            if (net.random().one_in(30)) history.save();
            if (net.random().one_in(100)) history.restart();
            history.pause();
        }
        history.heal();
        // What expires at this very moment does so when each node's clock says it; and a root that
        // was killed may have gone on where its last snapshot was.
        if (!net.differences().empty()) net.advance(15s);
        CHECK(net.differences() == "");
    }
}

TEST_CASE("history: whatever breaks, no increment is lost and none counts twice") {
    for (std::uint64_t seed = 0; seed < History::count(200); ++seed) {
        CAPTURE(seed);
        History history(seed, History::Clocks::differ);
        SimNet& net = history.net;
        std::map<std::string, long> expected;
        for (int i = 0; i < 200; ++i) {
            const auto counted = key(net.random().below(4));
            const auto step = static_cast<long>(net.random().below(9)) - 4;
            net.send(history.any_node(), "INCREMENT " + counted + "=" + std::to_string(step));
            expected[counted] += step;
            if (net.random().one_in(10)) {
                const char* const span = net.random().one_in(2) ? "=0" : "=1000000";
                net.send(history.any_node(), "EXPIRE " + counted + span);
            }
            if (net.random().one_in(20)) history.trouble();
            if (net.random().one_in(30)) history.save();
            if (net.random().one_in(50)) {
                history.heal();  // others know what is going to be forgotten
                history.restart();
            }
            history.pause();
        }
        history.heal();
        CHECK(net.differences() == "");
        for (const auto& [name, sum] : expected) {
            CHECK(net.node(0).retrieve(name) == std::to_string(sum));
        }
    }
}

TEST_CASE("history: whatever breaks, the last write of every key wins, whatever the clocks say") {
    // Writes of one key are further apart than a handshake takes.
    for (std::uint64_t seed = 0; seed < History::count(150); ++seed) {
        CAPTURE(seed);
        History history(seed, History::Clocks::differ);
        SimNet& net = history.net;
        std::map<std::string, std::string> expected;
        for (int i = 0; i < 200; ++i) {
            const std::string written = key(static_cast<std::size_t>(i) % 10);
            if (net.random().one_in(5)) {
                net.remove(history.any_node(), written);
                expected.erase(written);
            } else {
                net.store(history.any_node(), written, std::to_string(i));
                expected[written] = std::to_string(i);
            }
            if (net.random().one_in(20)) history.trouble();
            net.advance(net.random().one_in(10) ? net.random().between(50ms, 40s) : 50ms);
        }
        history.heal();
        std::string content;
        for (const auto& [name, value] : expected) {
            content += (content.empty() ? "" : " ") + name + "=" + value;
        }
        CHECK(net.differences() == "");
        CHECK(net.node(0).content() == content);
    }
}

TEST_CASE("history: nodes that are restarted get back what any of the others still knows") {
    for (std::uint64_t seed = 0; seed < History::count(100); ++seed) {
        CAPTURE(seed);
        History history(seed, History::Clocks::differ);
        SimNet& net = history.net;
        std::map<std::string, std::string> expected;
        for (int i = 0; i < 100; ++i) {
            const std::string written = key(static_cast<std::size_t>(i) % 10);
            net.store(history.any_node(), written, std::to_string(i));
            expected[written] = std::to_string(i);
            net.settle();
            if (net.random().one_in(5)) {
                net.restart(history.any_node());
                net.settle();
            }
        }
        CHECK(net.differences() == "");
        for (const auto& [name, value] : expected) CHECK(net.node(0).retrieve(name) == value);
    }
}

TEST_CASE("history: a listener hears one sender's signals once and in order until a link breaks") {
    for (std::uint64_t seed = 0; seed < History::count(60); ++seed) {
        CAPTURE(seed);
        History history(seed, History::Clocks::differ);
        SimNet& net = history.net;
        SimClient& listener = net.client(history.any_node());
        SimClient& sender = net.client(history.any_node());
        listener.send("LISTEN a");
        int last = -1;
        int breaks = 0;
        for (int i = 0; i < 300; ++i) {
            sender.send("SET a=" + std::to_string(i));
            net.advance(net.random().between(0ms, 20ms));
            if (net.random().one_in(50)) {
                SimNode& slave = history.any_slave();
                net.reset(slave, *slave.master());
                ++breaks;
            }
            std::string heard = listener.lines();
            while (!heard.empty()) {
                const std::size_t end = std::min(heard.find(" | "), heard.size());
                const std::string line = heard.substr(0, end);
                heard.erase(0, end + 3);
                REQUIRE(line.starts_with("SET a="));
                const int number = std::stoi(line.substr(6));
                // Never twice, never out of order; gaps only where a link broke.
                CHECK(number > last);
                if (breaks == 0) CHECK(number == last + 1);
                last = number;
            }
        }
        net.settle();
    }
}
