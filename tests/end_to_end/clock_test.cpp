#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <string>

#include "tests/end_to_end/tree.hpp"
#include "tests/processes/free_port.hpp"

using namespace clacks::test;

namespace {

/// Puts a value into a node as if it had been stored there a minute ago: what a slave sends does
/// so.
void store_a_minute_ago(const NodeProcess& node, int clock_error, const std::string& name_value) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now).count();
    const std::string changed = std::to_string(seconds + clock_error - 60);
    auto link = node.log_in();
    link.say("OVERHEAD I 1\nKEYSYNC " + changed + " " + changed + " U " + name_value);
    ask_until(link, "RETRIEVE " + name_value.substr(0, name_value.find('=')),
              "RETRIEVED " + name_value + "\n");
}

}  // namespace

TEST_CASE("clock: the later write wins on both nodes, whatever their clocks say") {
    for (const int error : {3600, -3600}) {
        CAPTURE(error);
        const int port = free_port();
        NodeConfig config = below("tls://127.0.0.1:" + std::to_string(port), "slave");
        config.environment["CLACKS_SIMULATED_TIME_OFFSET"] = std::to_string(error);
        const NodeProcess slave(config);
        auto at_slave = slave.log_in();
        store_a_minute_ago(slave, error, "newer::at::master=old");
        at_slave.ask("STORE newer::at::slave=new");
        slave.signal(SIGSTOP);  // it links when both have all they should have
        NodeProcess master({.name = "master", .port = port});
        auto at_master = master.log_in();
        store_a_minute_ago(master, 0, "newer::at::slave=old");
        at_master.ask("STORE newer::at::master=new");
        slave.signal(SIGCONT);
        wait_until_linked(slave, master);
        settle(at_slave, at_master);
        settle(at_master, at_slave);
        for (auto* client : {&at_master, &at_slave}) {
            CHECK(client->ask("RETRIEVE newer::at::master\nRETRIEVE newer::at::slave") ==
                  "RETRIEVED newer::at::master=new\nRETRIEVED newer::at::slave=new\n");
        }

        at_slave.ask("STORE a=1");
        settle(at_slave, at_master);
        at_master.ask("STORE a=2");
        settle(at_master, at_slave);
        CHECK(at_slave.ask("RETRIEVE a") == "RETRIEVED a=2\n");
    }
}

TEST_CASE("clock: a value keeps its age across a restart of either side") {
    for (const int error : {3600, -3600}) {
        CAPTURE(error);
        NodeProcess master({.name = "master"});
        NodeConfig config = below(master.tls_url(), "slave");
        config.environment["CLACKS_SIMULATED_TIME_OFFSET"] = std::to_string(error);
        NodeProcess slave(config);
        wait_until_linked(slave, master);
        {
            auto at_slave = slave.log_in();
            at_slave.ask("STORE a=1");
            auto at_master = master.log_in();
            settle(at_slave, at_master);
        }
        for (int i = 0; i < 2; ++i) {
            master.kill();
            slave.wait_for("link_down", i + 1);
            master.start();
            wait_until_linked(slave, master, i + 2);
            auto at_slave = slave.log_in();
            auto at_master = master.log_in();
            settle(at_slave, at_master);
        }
        slave.kill();
        slave.start();
        wait_until_linked(slave, master);
        // Were it dated an hour too late, this would lose.
        auto at_slave = slave.log_in();
        auto at_master = master.log_in();
        settle(at_master, at_slave);
        at_slave.ask("STORE a=2");
        settle(at_slave, at_master);
        CHECK(at_master.ask("RETRIEVE a") == "RETRIEVED a=2\n");
        CHECK(at_slave.ask("RETRIEVE a") == "RETRIEVED a=2\n");
    }
}
