#pragma once

#include <map>
#include <string>
#include <string_view>

#include "protocol/command.hpp"
#include "protocol/line_framer.hpp"
#include "tests/simulation/sim_wire.hpp"

namespace clacks::simulation {

class SimNet;
class SimNode;

/// A slave as Net::Clacks has it, as far as it matters to a master of ours: it takes the time a
/// line was under way for a difference of the clocks, and sends back everything it was told.
class ReferenceSlave final : public WireEnd {
public:
    ReferenceSlave(SimNet& net, SimTime error) : net_(net), clock_error_(error) {}
    ~ReferenceSlave();

    /// Connects to `master`, over a wire like those between nodes.
    void join(SimNode& master);
    /// A client of its own sends a change.
    void change(std::string_view line);
    /// All that lives: "a=1 b=2".
    std::string content() const;

    void receive(std::string bytes) override;
    void hung_up() override { wire_.reset(); }

private:
    struct Entry {
        std::string value;
        WallTime changed{};
        bool deleted = false;
    };

    WallTime now() const;
    void on_line(std::string_view line);
    void on_overhead(const protocol::Command& command);
    void merge(const protocol::Command& keysync);
    void execute(const protocol::Command& command);
    void send_store();
    void say(std::string_view line);

    SimNet& net_;
    const SimTime clock_error_;
    std::map<std::string, Entry> entries_;
    std::shared_ptr<Wire> wire_;
    protocol::LineFramer framer_{1U << 20U};
    SimTime offset_{0};
};

}  // namespace clacks::simulation
