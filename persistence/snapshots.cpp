#include "persistence/snapshots.hpp"

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

#include "persistence/moving_aside.hpp"

namespace clacks::persistence {
namespace {

using cache::EntryView;
using cache::Sequence;

/// So much is copied while a shard is locked, ...
constexpr std::size_t entries_a_step = 64;
constexpr std::size_t bytes_a_step = 128U << 10U;
/// ... and so much gathered before it is written.
constexpr std::size_t bytes_in_memory = 32U << 10U;
/// Rows that are written in one piece.
constexpr std::size_t rows_a_piece = 128;
/// Rows that are looked at while their shard is locked.
constexpr std::size_t rows_a_step = 128;
/// How often the end of a shard's changes is looked for in batches.
constexpr int rounds_behind_others = 4;
constexpr auto everything = std::numeric_limits<std::size_t>::max();

/// The log is taken over into the file when it has so many pages: 4 MiB.
constexpr int pages_worth_a_checkpoint = 1024;

/// As the file has them; and of one key first what is older.
bool comes_before(const SavedEntry& a, const SavedEntry& b) {
    return std::tie(a.key, a.sequence) < std::tie(b.key, b.sequence);
}

}  // namespace

Snapshots::Snapshots(std::string path, cache::Cache& cache, const State& begun,
                     std::string found_id, std::function<void(State&)> present, Tell tell)
    : path_(std::move(path)),
      cache_(cache),
      present_(std::move(present)),
      tell_(std::move(tell)),
      loaded_id_(std::move(found_id)),
      last_(begun),
      saved_(begun.sequence),
      shifts_(cache.shifts()) {}

template <class Piece>
void Snapshots::in_piece(Piece&& piece) {
    perform_(piece, done_, std::max(done_, expected_));
}

Result<Snapshots::Report> Snapshots::save(bool ended, std::chrono::system_clock::time_point now,
                                          Perform perform) {
    Report report;
    perform_ = std::move(perform);
    expected_ = std::min<std::uint64_t>(cache_.size(), cache_.last_sequence() - saved_);
    done_ = 0;
    if (file_ && !file_->in_place()) {
        tell_({.severity = Severity::warning,
               .name = "database_gone",
               .file = path_,
               .what = "making a new one"});
        file_.reset();
    }
    if (!file_) {
        if (auto failure = open(now)) return *failure;
    }
    State state = present_state();
    state.ended = ended;
    report.time = state.time;
    const auto shifts = cache_.shifts();
    State same = last_;
    same.time = state.time;
    // Two clocks are never read at the same instant.
    if (abs(state.ahead - same.ahead) < std::chrono::seconds(1)) same.ahead = state.ahead;
    if (state == same && saved_ == state.sequence && shifts == shifts_) return report;

    Database& database = file_->database();
    auto failure = database.run("BEGIN IMMEDIATE");
    if (!failure) {
        // All times have moved, but no entry has changed.
        if (shifts != std::exchange(shifts_, shifts)) {
            saved_ = 0;
            cursor_.reset();
        }
        if (write_all(state, report)) {
            failure = database.run("COMMIT");
        } else {
            failure = database.failure();
        }
        if (failure) (void)database.run("ROLLBACK");
    }
    if (failure) {
        // What the cursor has passed is not in the file, and what has been forgotten is.
        cursor_.reset();
        file_.reset();
        sweep_ = true;
        damaged_ = failure->kind == Failure::Kind::damaged;
        return *failure;
    }
    last_ = std::move(state);
    saved_ = last_.sequence;
    sweep_ = false;
    return report;
}

/// What the node and its store say of themselves: first the words, then what they are about.
State Snapshots::present_state() {
    State state = last_;
    present_(state);
    state.cleared = cache_.cleared();
    state.last_forgotten = cache_.last_forgotten();
    state.sequence = cache_.last_sequence();
    return state;
}

/// What stands there may have been put there by others since we had it open.
std::optional<Failure> Snapshots::open(std::chrono::system_clock::time_point now) {
    const std::optional<Failure> failure =
        damaged_ ? std::optional(Failure{Failure::Kind::damaged, "it cannot be written to"})
                 : open_as_it_is();
    if (!failure || failure->kind != Failure::Kind::damaged) return failure;
    const DamagedFile file{.path = path_,
                           .why = failure->what,
                           .next = "making a new one",
                           .pause = std::chrono::hours(1)};
    if (auto obstacle = put_aside(file, now, tell_)) return obstacle;
    damaged_ = false;
    return open_as_it_is();
}

std::optional<Failure> Snapshots::open_as_it_is() {
    auto file = StoreFile::open(path_);
    if (!file) return file.error();
    const auto found = file->read_state();
    if (!found) return found.error();
    if (!*found) {
        saved_ = 0;
    } else if ((*found)->id != last_.id && (*found)->id != loaded_id_) {
        return Failure{Failure::Kind::damaged, "it is another node's now"};
    } else if ((*found)->id != last_.id || (*found)->sequence != last_.sequence) {
        saved_ = 0;
        wipe_ = true;
    }
    if (saved_ == 0) cursor_.reset();
    file_ = std::move(*file);
    return std::nullopt;
}

bool Snapshots::write_all(State& state, Report& report) {
    if (std::exchange(wipe_, false) && !file_->database().prepare("DELETE FROM entry").run())
        return false;
    if (!cursor_) {
        cursor_ = std::make_unique<cache::Cursor>(cache_, saved_, cache::Cursor::Keeping::copies);
    }
    auto insert =
        file_->database().prepare("INSERT OR REPLACE INTO entry (" + std::string(entry_columns) +
                                  ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    state.entries = 0;
    for (unsigned shard = 0; shard < cache::Cache::shard_count; ++shard) {
        // First what is gone: it may be stored anew before we come by.
        if (!delete_forgotten(shard, report) || !write_shard(shard, insert, report)) return false;
        state.entries += cache_.lock(shard).entry_count();
    }
    // Only now: rows of tombstones may have gone that were there when the snapshot began.
    state.last_forgotten = cache_.last_forgotten();
    return file_->write_state(state);
}

/// What had changed before the snapshot began and changes again meanwhile moves to the end of the
/// list. So we run after the end: while there is much to come a batch at a time, at last without
/// writing in between, since copying is faster than others are.
bool Snapshots::write_shard(unsigned shard, Statement& insert, Report& report) {
    for (int round = 0; round < rounds_behind_others; ++round) {
        const Sequence end = cache_.last_sequence();
        for (Copied copied = Copied::some; copied == Copied::some;) {
            copied = copy_changes(shard, end, bytes_in_memory);
            if (!write_pending(shard, insert, report)) return false;
            if (copied == Copied::all) return true;
        }
    }
    copy_changes(shard, everything, everything);
    return write_pending(shard, insert, report);
}

/// At most some more than `bytes`, and not much beyond the change number `end`.
Snapshots::Copied Snapshots::copy_changes(unsigned shard, Sequence end, std::size_t most_bytes) {
    bool at_end = false;
    bool beyond = false;
    for (std::size_t bytes = 0; !at_end && !beyond && bytes < most_bytes;) {
        std::size_t bytes_now = 0;
        cursor_->step(
            shard,
            [&](const EntryView& entry) {
                pending_.emplace_back(entry);
                bytes_now += sizeof(SavedEntry) + entry.key.size() + entry.value.size();
                beyond = entry.sequence > end;
                return bytes_now < bytes_a_step && !beyond;
            },
            [&](bool is_end) { at_end = is_end; }, entries_a_step);
        bytes += bytes_now;
    }
    if (at_end) return Copied::all;
    return beyond ? Copied::up_to_end : Copied::some;
}

bool Snapshots::write_pending(unsigned shard, Statement& insert, Report& report) {
    bool well = true;
    for (std::size_t first = 0; well && first < pending_.size(); first += rows_a_piece) {
        const std::size_t end = std::min(first + rows_a_piece, pending_.size());
        in_piece([&] {
            if (first == 0) std::sort(pending_.begin(), pending_.end(), comes_before);
            for (std::size_t i = first; well && i < end; ++i) {
                // It has been passed twice, and has changed in between: the later one counts.
                if (i + 1 < pending_.size() && pending_[i].key == pending_[i + 1].key) continue;
                bind_entry(insert, shard, pending_[i], scratch_);
                well = insert.run();
                ++report.written;
            }
        });
        done_ += end - first;
    }
    pending_.clear();
    return well;
}

/// The rows of what the store has forgotten, of which the feed says nothing.
bool Snapshots::delete_forgotten(unsigned shard, Report& report) {
    const auto forgotten = cache_.lock(shard).take_forgotten();
    if (sweep_ || forgotten.incomplete()) return sweep(shard, report);
    return delete_rows(shard, forgotten.keys(), report);
}

bool Snapshots::delete_rows(unsigned shard, std::span<const std::string> keys, Report& report) {
    if (keys.empty()) return true;
    auto remove = file_->database().prepare("DELETE FROM entry WHERE shard = ? AND key = ?");
    bool well = true;
    for (; well && !keys.empty(); keys = keys.subspan(std::min(keys.size(), rows_a_piece))) {
        in_piece([&] {
            for (const std::string& key : keys.first(std::min(keys.size(), rows_a_piece))) {
                remove.bind(0, shard);
                remove.bind_blob(1, key);
                well = well && remove.run();
                ++report.forgotten;
            }
        });
    }
    return well;
}

/// Looks through all rows of a shard for what the store does not have any more.
bool Snapshots::sweep(unsigned shard, Report& report) {
    Database& database = file_->database();
    auto rows =
        database.prepare("SELECT key FROM entry WHERE shard = ? AND key > ? ORDER BY key LIMIT ?");
    std::vector<std::string> keys;
    std::string last;
    for (bool at_end = false; !at_end;) {
        keys.clear();
        bool well = true;
        in_piece([&] {
            rows.bind(0, shard);
            rows.bind_blob(1, last);
            rows.bind(2, rows_a_step);
            auto step = rows.step();
            for (; step == Statement::Step::row; step = rows.step())
                keys.emplace_back(rows.bytes(0));
            well = step != Statement::Step::failed;
            rows.reset();
        });
        if (!well) return false;
        at_end = keys.size() < rows_a_step;
        if (!keys.empty()) last = keys.back();
        const auto is_misplaced = [&](const std::string& key) {
            return cache_.shard_of(key) != shard;
        };
        if (std::any_of(keys.begin(), keys.end(), is_misplaced)) {
            database.fail({Failure::Kind::damaged, "an entry is not where it was written"});
            return false;
        }
        std::erase_if(keys, [locked = cache_.lock(shard)](const std::string& key) {
            return locked.find(key).has_value();
        });
        if (!delete_rows(shard, keys, report)) return false;
    }
    return true;
}

std::optional<Failure> Snapshots::tidy() {
    if (!file_ || file_->database().log_pages() < pages_worth_a_checkpoint) return std::nullopt;
    return file_->database().checkpoint();
}

}  // namespace clacks::persistence
