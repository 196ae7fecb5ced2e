#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/simulation/sim_client.hpp"
#include "tests/simulation/sim_events.hpp"
#include "tests/simulation/sim_node.hpp"
#include "tests/simulation/sim_random.hpp"
#include "tests/simulation/sim_wire.hpp"

// Trees of real nodes in one process: the code that runs under sockets in clacksd runs here under
// a simulated network and a simulated clock, and everything that happens can be repeated.
namespace clacks::simulation {

struct SimOptions {
    std::uint64_t seed = 1;
    /// Of each piece between two nodes. Clients sit beside their nodes: no delay.
    Delay delay{std::chrono::milliseconds(1), std::chrono::milliseconds(10)};
    /// Between two parts of a store that is being sent: up to this.
    SimTime longest_store_pause = std::chrono::milliseconds(1);
};

/// Owns the nodes, the wires, the clients and the only clock.
///
///     SimNet net;
///     auto& master = net.add();
///     auto& slave = net.add(/*clock_error=*/300s);
///     net.link(slave, master);
///     net.store(slave, "k", "v");
///     net.settle();
///     CHECK(master.retrieve("k") == "v");
///
/// What a client sends is executed by its node at once; everything between nodes takes time, and
/// time passes only in advance(), settle() and link().
class SimNet {
public:
    explicit SimNet(SimOptions options = {});
    ~SimNet();
    SimNet(const SimNet&) = delete;
    SimNet& operator=(const SimNet&) = delete;

    /// A node that runs, alone.
    SimNode& add(SimTime clock_error = {});
    SimNode& add(node::Settings settings, SimTime clock_error = {});
    /// `slave` dials `master` from now on; waits until they are in sync.
    void link(SimNode& slave, SimNode& master);

    /// A client that has logged in, as the node's first user or another one.
    SimClient& client(SimNode& node);
    SimClient& client(SimNode& node, protocol::Credentials credentials);

    // --- commands at a node, from a client that is of no further interest ---

    void send(SimNode& node, std::string_view line);
    void store(SimNode& node, std::string_view key, std::string_view value);
    void remove(SimNode& node, std::string_view key);

    // --- time ---

    void advance(SimTime time);
    /// Lets time pass until nothing is on its way and every node that can reach its master is in
    /// sync with it. Throws if that does not happen within an hour or 20 million events.
    void settle();

    // --- trouble ---

    /// Nothing passes between the two any more, and nobody tells them.
    void cut(SimNode& one, SimNode& other);
    /// They can reach each other again. A connection that was cut stays dead.
    void heal(SimNode& one, SimNode& other);
    /// Their connection breaks: what is on its way is lost, both notice at once.
    void reset(SimNode& one, SimNode& other);
    /// The process ends; its connections are closed, and its clients notice.
    void kill(SimNode& node);
    /// kill(), and a new process with an empty store. Its clients stay disconnected.
    void restart(SimNode& node);

    // --- looking ---

    /// How the stores of the running nodes differ; "" if they do not.
    std::string differences();
    std::size_t size() const { return nodes_.size(); }
    SimNode& node(std::size_t index) { return *nodes_[index]; }

    // --- for its parts ---

    Events& events() { return events_; }
    Random& random() { return random_; }
    const SimOptions& options() const { return options_; }
    bool is_cut(const SimNode& one, const SimNode& other) const;
    /// A wire between two nodes.
    std::shared_ptr<Wire> connect(const SimNode& one, WireEnd& its_end, const SimNode& other,
                                  WireEnd& others_end);

private:
    struct Path {
        bool cut = false;
        std::weak_ptr<Wire> wire;  ///< the newest
    };
    using Pair = std::pair<std::size_t, std::size_t>;
    static Pair pair_of(const SimNode& one, const SimNode& other) {
        return std::minmax({one.index, other.index});
    }
    bool in_sync() const;

    const SimOptions options_;
    Events events_;
    Random random_;
    std::map<Pair, Path> paths_;
    std::vector<std::unique_ptr<SimNode>> nodes_;
    std::vector<std::unique_ptr<SimClient>> clients_;
    std::map<const SimNode*, SimClient*> consoles_;
};

}  // namespace clacks::simulation
