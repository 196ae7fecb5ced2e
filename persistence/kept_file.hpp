#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "persistence/block_table.hpp"
#include "persistence/events.hpp"
#include "persistence/file_lock.hpp"
#include "persistence/file_stamp.hpp"
#include "persistence/state.hpp"
#include "persistence/store_file.hpp"

namespace clacks::persistence {

/// The database of a node while that runs, kept to be what the node has written: others may remove
/// it or its log, put another file in its place, write to it or have it damaged at any time. What
/// open() finds there and is not ours it moves aside and tells so: that is neither written to nor
/// deleted; and a new one is made.
///
/// Not seen is what others write to the log, what they write to the file while checkpoint() runs,
/// and what they write where all that counts is in the log.
class KeptFile {
public:
    using Time = std::chrono::system_clock::time_point;

    /// `id` is the node's; `found`: what it has begun with.
    /// `lock`: on the database, if it is kept from others; nothing is written without it.
    KeptFile(std::string path, std::string id, FoundFile found, Tell tell, FileLock* lock);
    KeptFile(KeptFile&&) = default;
    /// What others have written to stays as it is.
    ~KeptFile() { close(); }

    /// Opens it if it is not open, or not there any more. To be called before each snapshot.
    /// `last`: what was written to it last. Returns whether that is what it has: if not, everything
    /// has to be written.
    Result<bool> open(const State& last, Time now);
    bool is_open() const { return opened_ != nullptr; }
    /// After a transaction: whether that is where it belongs.
    bool is_in_place() const;
    /// After a failure of a transaction: the next open() opens it anew, or moves it aside.
    void close_after(const Failure& failure);
    /// If that is damage the next open() moves the file aside.
    void note(const Failure& failure);

    const std::string& path() const { return path_; }
    /// While it is open.
    Database& database() { return opened_->file.database(); }
    BlockTable& table() { return opened_->table; }
    const BlockTable& table() const { return opened_->table; }
    bool write_state(const State& state) { return opened_->file.write_state(state); }
    /// Takes the log over into the file, unless somebody else has written to that.
    std::optional<Failure> checkpoint();

private:
    struct Opened {
        StoreFile file;
        BlockTable table;
    };

    std::optional<Failure> look_after_it(Time now);
    Result<FileStamp> log_stamp() const;
    bool has_its_log() const;
    bool has_empty_log() const;
    Result<bool> try_to_open(const State& last);
    Result<bool> open_as_it_is(const State& last);
    std::optional<Failure> put_away(std::string why, bool is_ours, Time now);
    void forget_it();
    void note_stamp();
    void note_log();
    void close();

    const std::string path_;
    const std::string id_;
    const std::string found_id_;
    const Tell tell_;
    FileLock* const lock_;

    std::unique_ptr<Opened> opened_;
    FileStamp stamp_;        ///< as we have left it
    FileStamp log_{};        ///< which file its log was
    bool damaged_ = false;   ///< as was found: the next open() makes a new one
    bool doubtful_ = false;  ///< somebody else has written to it: it has to be checked
};

}  // namespace clacks::persistence
