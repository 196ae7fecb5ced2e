#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/credentials.hpp"
#include "tests/simulation/sim_wire.hpp"

namespace clacks::simulation {

class SimNet;
class SimNode;

/// A client of a node, beside it: what it sends is there at once. Survives its node.
class SimClient final : public WireEnd {
public:
    /// Connects and logs in.
    SimClient(SimNet& net, SimNode& node, protocol::Credentials credentials);

    /// One line; CR LF is added.
    void send(std::string_view line);
    /// What has arrived since the last call: "SET a=1 | NOTIFY b". NOP is left out.
    std::string lines();
    /// send() and lines() in one.
    std::string ask(std::string_view line);

    /// Connects and logs in anew, as after a restart of the node.
    void reconnect();
    bool connected() const { return wire_ != nullptr; }

    void receive(std::string bytes) override { received_ += bytes; }
    void hung_up() override { wire_.reset(); }

private:
    SimNet& net_;
    SimNode& node_;
    const protocol::Credentials credentials_;
    std::shared_ptr<Wire> wire_;
    std::string received_;
};

}  // namespace clacks::simulation
