#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/command.hpp"
#include "protocol/line_framer.hpp"
#include "tests/simulation/sim_wire.hpp"

namespace clacks::simulation {

class SimNet;
class SimNode;

/// A node as Net::Clacks has it, as far as it matters to neighbours of ours, above or below it. It
/// takes the time a line was under way for a difference of the clocks, passes every KEYSYNC on as
/// it came, sends back everything it was told, forgets what was cleared, and lets its clients wait
/// while its master is sending the store.
class ReferenceNode {
public:
    explicit ReferenceNode(SimNet& net, SimTime clock_error = {});
    ~ReferenceNode();

    /// Connects to `master` as its slave, over a wire like those between nodes.
    void join(SimNode& master);
    /// Lets `slave` connect; once, it does not come again by itself.
    void serve(SimNode& slave);
    /// Closes all its links.
    void leave();

    /// A client of its own sends a line.
    void client_sends(std::string_view line);

    /// All that lives: "a=1 b=2".
    std::string content() const;
    /// What a client that listens to every name has heard since the last call: "SET a=1 | NOTIFY
    /// b". It hears what other clients say, too.
    std::string heard();
    /// What neighbours have said that no Net::Clacks node says: "" if they kept to the protocol.
    const std::string& surprises() const { return surprises_; }

private:
    struct Entry {
        std::string value;
        WallTime changed{};
        bool deleted = false;
    };
    struct Link;

    Link& add_link(bool to_master);
    void ping_later(const std::weak_ptr<Link>& link);
    WallTime now() const;
    void on_line(Link& from, std::string_view line);
    void on_overhead(Link& from, const protocol::Command& command);
    void on_lock(Link& from, bool locked);
    void execute(const protocol::Command& command);
    void hear(const protocol::Command& command);
    void merge(Link& from, const protocol::Command& keysync);
    void open_downlink(Link& to);
    std::string store_lines() const;
    void forward(const Link* from, std::string_view line);

    SimNet& net_;
    const SimTime clock_error_;
    std::map<std::string, Entry> entries_;
    std::vector<std::shared_ptr<Link>> links_;
    bool locked_ = false;                 ///< the master is sending its store
    std::vector<std::string> postponed_;  ///< what clients sent meanwhile
    std::vector<std::string> heard_;
    std::string surprises_;
};

}  // namespace clacks::simulation
