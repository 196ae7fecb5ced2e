#pragma once

#include <memory>
#include <mutex>
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
    /// `memory`: how much of it is worth reading, in bytes.
    Storage(StorageSettings settings, std::size_t memory, node::Log& log, net::Clock clock);

    /// By which the tree knows the node, from run to run.
    const std::string& id() const { return begun_.id; }
    /// What the node begins with. Once.
    node::Past past();

    /// Saving goes on as long as this exists, which must not be longer than the node.
    class Saving {
    public:
        explicit Saving(Storage& storage) : storage_(storage) {}
        ~Saving() { storage_.saver_.reset(); }
        Saving(const Saving&) = delete;
        Saving& operator=(const Saving&) = delete;

    private:
        Storage& storage_;
    };
    /// Begins to save at intervals. `node` has what past() gave. `copy`: see persistence::Saver.
    [[nodiscard]] Saving start(node::Node& node, persistence::Snapshots::Copy copy);
    /// Puts another interval in force; another file needs a new start.
    void reload(const StorageSettings& settings);
    /// The last snapshot, of a node in which nothing happens any more. Returns whether it is saved.
    bool finish();

    /// What SIGUSR1 asks for: the log is told, since nobody gets an answer.
    void save_on_signal();

    bool save_now() override;
    void describe(const std::function<void(std::string_view key, std::string_view value)>& add)
        const override;

private:
    persistence::Tell tell();

    const StorageSettings settings_;
    const std::string file_;  ///< the one name of settings_.file, for which links may stand
    node::Log& log_;
    const net::Clock clock_;
    persistence::FileLock lock_;
    std::unique_ptr<cache::Cache> cache_;
    persistence::State begun_;
    persistence::FoundFile found_;
    std::string unwritable_;  ///< why, if the file was so at the start
    mutable std::mutex mutex_;
    std::string moved_aside_;  ///< where the last damaged database is; guarded by mutex_
    std::optional<persistence::Saver> saver_;  ///< if there is a file, while Saving exists
};

}  // namespace clacks::server
