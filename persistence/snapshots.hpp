#pragma once

#include <array>
#include <bitset>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cache/cache.hpp"
#include "cache/cursor.hpp"
#include "persistence/block.hpp"
#include "persistence/kept_file.hpp"
#include "persistence/state.hpp"

namespace clacks::persistence {

/// Keeps a database in step with a store: a consumer of its changes. Each save() is a transaction
/// with what has changed since the one before. Used by one thread at a time, beside any that use
/// the store, which it keeps waiting for microseconds.
class Snapshots {
public:
    /// `present(State&)` fills in what the node knows of itself and of others; the rest is done
    /// here. `begun`: the state with which the run began; `found`: the file with which it did.
    /// `lock`: on the database, if it is kept from others; nothing is written without it.
    Snapshots(std::string path, cache::Cache& cache, const State& begun, FoundFile found,
              std::function<void(State&)> present, Tell tell, FileLock* lock = nullptr);

    struct Report {
        std::uint64_t written = 0;    ///< entries
        std::uint64_t forgotten = 0;  ///< entries that the store has forgotten
        cache::WallTime time{};       ///< of the store; all that was before is in the file
    };

    /// Asked within a piece after each step, most of which take about a millisecond (what ends a
    /// large snapshot takes 10 to 50): whether it is to go on. `done` bytes of `expected`, as they
    /// are in memory, or fewer have been written.
    using GoesOn = std::function<bool(std::uint64_t done, std::uint64_t expected)>;
    /// A part of the work, which ends early if it is not to go on; the rest is another piece.
    using Piece = std::function<void(const GoesOn& goes_on)>;
    /// Does a piece, on whatever thread, and returns when it has ended; the numbers are those
    /// before it.
    using Perform =
        std::function<void(const Piece& piece, std::uint64_t done, std::uint64_t expected)>;
    static void perform_here(const Piece& piece, std::uint64_t, std::uint64_t) {
        piece([](auto, auto) { return true; });
    }
    /// Does a step of a piece that copies for 20 to 100 microseconds, with a part of the store
    /// locked, once or again as long as it returns true, and then returns true. To be done by a
    /// thread that is not interrupted in it. False: there is none now; the piece ends, or comes
    /// back to it.
    using Copy = std::function<bool(const std::function<bool()>& step)>;
    static bool copy_here(const std::function<bool()>& step) {
        (void)step();
        return true;
    }
    /// Nothing older than the call is missing from the file afterwards, whatever others have done
    /// to that. After a failure all is tried again at the next call.
    /// `ended`: nobody will change the store any more.
    Result<Report> save(bool ended, std::chrono::system_clock::time_point now,
                        Perform perform = perform_here, Copy copy = copy_here);

    /// About so much would have to be written now, in bytes as they are in memory.
    std::uint64_t outstanding();

    const std::string& path() const { return file_.path(); }

    /// Removes from the file what counts no more, and takes its log over into it if that is worth
    /// it; not needed for anything to be safe. It may have to be called again after interrupt(),
    /// from another thread meanwhile, and if it was not to go on, which it asks each time before it
    /// removes a megabyte, in about a millisecond.
    std::optional<Failure> tidy(const std::function<bool()>& goes_on = [] { return true; });
    bool wants_tidying();
    void interrupt();

private:
    State present_state();
    void write_anew();
    bool write_all(State& state, Report& report);
    bool is_worth_rewriting(unsigned shard, std::size_t bytes_in_memory) const;
    using Shards = std::bitset<cache::Cache::shard_count>;
    void take_forgotten(unsigned shard, Shards& rewrites);
    bool has_forgotten() const;
    bool write_forgotten(unsigned shard, Report& report);
    bool begin_anew(unsigned shard, Report& report);
    bool write_shard(unsigned shard, Report& report);
    enum class Copied : std::uint8_t { some, up_to_end, all };
    Copied copy_some(unsigned shard, cache::Sequence end, Report& report);
    bool copy_rest(unsigned shard, Report& report);
    Block& block();
    bool has_room() const;
    bool has_blocks() const { return !blocks_[written_].is_empty(); }
    void clear_blocks();
    bool write_block(unsigned shard);
    bool sync_some();
    std::optional<Failure> remove_outdated(const std::function<bool()>& goes_on);
    bool prepare_commit();
    template <class Step>
    void in_pieces(Step&& step);

    KeptFile file_;
    cache::Cache& cache_;
    const std::function<void(State&)> present_;
    std::unique_ptr<cache::Cursor> cursor_;
    State last_;             ///< as it is in the file
    cache::Sequence saved_;  ///< changes up to this are in the file; 0: nothing is
    std::uint64_t shifts_;   ///< of the store, when it was saved

    /// Of each shard: what the store has forgotten since the last snapshot, and whether all there
    /// is has to be written.
    std::array<cache::Forgotten, cache::Cache::shard_count> forgotten_;
    Shards rewrites_;
    Shards later_rewrites_;  ///< the same, after the snapshot that is being made

    Perform perform_ = perform_here;
    Copy copy_ = copy_here;
    // Of the snapshot that is being made, in bytes as they are in memory.
    std::uint64_t expected_ = 0;
    std::uint64_t done_ = 0;
    std::uint64_t bytes_an_entry_ = 0;
    std::uint64_t synced_ = 0;  ///< of done_

    // What has been copied and not yet been written: the blocks from one of these numbers to the
    // other.
    std::vector<Block> blocks_;
    std::size_t written_ = 0;
    std::size_t filled_ = 0;
};

}  // namespace clacks::persistence
