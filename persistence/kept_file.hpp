#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "persistence/block_table.hpp"
#include "persistence/events.hpp"
#include "persistence/file_lock.hpp"
#include "persistence/state.hpp"
#include "persistence/store_file.hpp"

namespace clacks::persistence {

/// The database of a node while that runs, kept to be what the node has written: others may remove
/// it, put another file in its place, write to it or have it damaged at any time. What is found
/// there and is not ours is moved aside, never written to and never deleted, and a new one is made.
class KeptFile {
public:
    using Time = std::chrono::system_clock::time_point;

    /// `id` is the node's; `found_id`: whose state the file had when the node began with it.
    /// `lock`: on the database, if it is kept from others; nothing is written without it.
    KeptFile(std::string path, std::string id, std::string found_id, Tell tell, FileLock* lock);

    /// Opens it if it is not open, or not there any more. To be called before each transaction.
    /// `last`: what was written to it last. Returns whether that is what it has: if not, everything
    /// has to be written.
    Result<bool> open(const State& last, Time now);
    bool is_open() const { return file_.has_value(); }
    /// After a failure of a transaction or of a statement: the next open() opens it anew, or moves
    /// it aside.
    void close_after(const Failure& failure);
    /// The next open() does.
    void replace_if_damaged(const Failure& failure) {
        damaged_ = failure.kind == Failure::Kind::damaged;
    }

    const std::string& path() const { return path_; }
    /// While it is open.
    Database& database() { return file_->database(); }
    BlockTable& table() { return *table_; }
    const BlockTable& table() const { return *table_; }
    bool write_state(const State& state) { return file_->write_state(state); }
    /// Takes the log over into the file, unless somebody else has written to that.
    std::optional<Failure> checkpoint() { return file_->checkpoint(); }

private:
    std::optional<Failure> look_after_it(Time now);
    Result<bool> open_as_it_is(const State& last);
    void close();

    const std::string path_;
    const std::string id_;
    const std::string found_id_;
    const Tell tell_;
    FileLock* const lock_;

    std::optional<StoreFile> file_;
    std::optional<BlockTable> table_;  ///< of the file, when that is open
    std::string identity_;             ///< of the one that was open last; empty: of none
    bool damaged_ = false;             ///< as was found: the next open() makes a new one
    bool doubtful_ = false;            ///< somebody else has written to it: it has to be checked
};

}  // namespace clacks::persistence
