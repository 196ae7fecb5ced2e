#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cache/cache.hpp"
#include "cache/cursor.hpp"
#include "persistence/entry_row.hpp"
#include "persistence/events.hpp"
#include "persistence/ordinary_thread.hpp"
#include "persistence/state.hpp"
#include "persistence/store_file.hpp"

namespace clacks::persistence {

/// Keeps a database in step with a store: a consumer of its changes. Each save() is a transaction
/// with what has changed since the one before. Used by one thread at a time, beside any that use
/// the store, which it keeps waiting for microseconds, whatever the priority of the one that saves.
class Snapshots {
public:
    /// `present(State&)` fills in what the node knows of itself and of others; the rest is done
    /// here. `begun`: the state with which the run began; `found_id`: whose state the file had.
    Snapshots(std::string path, cache::Cache& cache, const State& begun, std::string found_id,
              std::function<void(State&)> present, Tell tell);

    struct Report {
        std::uint64_t written = 0;    ///< entries
        std::uint64_t forgotten = 0;  ///< rows of entries that the store has forgotten
        cache::WallTime time{};       ///< of the store; all that was before is in the file
    };

    /// Nothing older than the call is missing from the file afterwards. Opens the file if it is not
    /// open, or not there any more. After a failure all is tried again at the next call.
    /// `ended`: nobody will change the store any more.
    Result<Report> save(bool ended, std::chrono::system_clock::time_point now);

    const std::string& path() const { return path_; }

    /// Takes the log over into the file if that is worth it; not needed for anything to be safe.
    std::optional<Failure> tidy();

private:
    State present_state();
    std::optional<Failure> open(std::chrono::system_clock::time_point now);
    std::optional<Failure> open_as_it_is();
    bool write_all(State& state, Report& report);
    bool copy_changes(unsigned shard, cache::Sequence up_to);
    bool write_shard(unsigned shard, cache::Sequence up_to, Statement& insert, Report& report);
    bool write_pending(unsigned shard, Statement& insert, Report& report);
    void begin_sweep();
    bool sweep_all(Report& report);
    bool sweep_some(Report& report);
    bool sweep(std::uint64_t budget, Report& report);

    const std::string path_;
    cache::Cache& cache_;
    std::unique_ptr<OrdinaryThread> prompt_ = std::make_unique<OrdinaryThread>();
    const std::function<void(State&)> present_;
    const Tell tell_;
    std::string loaded_id_;

    std::optional<StoreFile> file_;
    bool damaged_ = false;  ///< the file, as a save() has found
    std::unique_ptr<cache::Cursor> cursor_;
    State last_;             ///< as it is in the file
    cache::Sequence saved_;  ///< changes up to this are in the file; 0: nothing is
    std::uint64_t shifts_;   ///< of the store, when it was saved
    bool wipe_ = false;      ///< the rows in the file are of no use

    std::vector<SavedEntry> pending_;
    std::size_t pending_bytes_ = 0;
    std::string scratch_;

    // The sweep goes round and round over the rows, a part at each snapshot.
    std::uint64_t rows_;  ///< in the file, at most
    unsigned sweep_shard_ = 0;
    std::string swept_key_;
    std::uint64_t rows_kept_ = 0;   ///< in the present round
    std::uint64_t rows_added_ = 0;  ///< since it began, at most
};

}  // namespace clacks::persistence
