#pragma once

#include <memory>
#include <optional>
#include <string>

#include "persistence/file_lock.hpp"
#include "persistence/restore.hpp"
#include "persistence/saver.hpp"
#include "server/net/clock.hpp"
#include "server/node/log.hpp"
#include "server/node/past.hpp"
#include "server/node/storage.hpp"
#include "server/storage_settings.hpp"

namespace clacks::node {
class Node;
}

namespace clacks::server {

/// A node's store on the disk: what it begins with, and where it is saved.
class Storage final : public node::Storage {
public:
    /// Reads what there is; without a file: nothing. Throws std::runtime_error if the node must not
    /// begin without it.
    /// `log` must outlive the storage.
    Storage(StorageSettings settings, node::Log& log, net::Clock clock);

    /// By which the tree knows the node, from run to run.
    const std::string& id() const { return begun_.id; }
    /// What the node begins with. Once.
    node::Past past();

    /// Begins to save at intervals. `node` has what past() gave, and outlives the storage or
    /// finish().
    void start(node::Node& node);
    /// Puts another interval in force; another file needs a new start.
    void reload(const StorageSettings& settings);
    /// The last snapshot, of a node in which nothing happens any more. Returns whether it is saved.
    bool finish();

    /// Lets go of the node's store, in which it has a cursor.
    void detach() { saver_.reset(); }

    bool save_now() override;
    void describe(const std::function<void(std::string_view key, std::string_view value)>& add)
        const override;

private:
    const StorageSettings settings_;
    node::Log& log_;
    const net::Clock clock_;
    persistence::FileLock lock_;
    std::unique_ptr<cache::Cache> cache_;
    persistence::State begun_;
    std::string found_id_;
    std::optional<persistence::Saver> saver_;  ///< if there is a file
};

}  // namespace clacks::server
