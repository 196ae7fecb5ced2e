#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "persistence/restore.hpp"
#include "persistence/snapshots.hpp"
#include "server/node/node.hpp"

namespace clacks::simulation {

/// The disk of a simulated machine: a real database, in a directory that goes away with it. What
/// clacksd does with its own (server/storage.hpp), but for the thread.
class SimDisk {
public:
    explicit SimDisk(persistence::Random random);
    ~SimDisk();
    SimDisk(const SimDisk&) = delete;
    SimDisk& operator=(const SimDisk&) = delete;

    /// What a node begins with; `id` becomes its id.
    node::Past restore(WallTime wall, std::string& id);
    /// Begins to save this node, which restore() was for. `now`: the clocks of the machine.
    void attach(node::Node& node, std::function<Now()> now);
    /// The node is gone.
    void detach() { snapshots_.reset(); }
    void save(bool ended);

private:
    std::filesystem::path directory_;
    const persistence::Random random_;
    std::optional<persistence::Restored> restored_;
    std::optional<persistence::Snapshots> snapshots_;
};

}  // namespace clacks::simulation
