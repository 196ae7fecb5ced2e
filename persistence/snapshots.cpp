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
constexpr std::size_t entries_a_step = 128;
constexpr std::size_t bytes_a_step = 128U << 10U;
/// ... and so much gathered before it is sorted, as the file is, and written.
constexpr std::size_t bytes_in_memory = 8U << 20U;
/// Rows that the sweep looks at, while its shard is locked.
constexpr std::size_t rows_a_step = 128;
/// The log is taken over into the file when it has so many pages: 4 MiB.
constexpr int pages_worth_a_checkpoint = 1024;

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
      shifts_(cache.shifts()),
      rows_(begun.entries) {}

Result<Snapshots::Report> Snapshots::save(bool ended, std::chrono::system_clock::time_point now) {
    Report report;
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

    const std::uint64_t rows_before = rows_;
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
        // What the cursor has passed is not in the file, and what the sweep has deleted is.
        cursor_.reset();
        file_.reset();
        rows_ = rows_before;
        begin_sweep();
        damaged_ = failure->kind == Failure::Kind::damaged;
        return *failure;
    }
    last_ = std::move(state);
    saved_ = last_.sequence;
    wipe_ = false;
    return report;
}

/// What the node and its store say of themselves: first the words, then what they are about.
State Snapshots::present_state() {
    State state = last_;
    prompt_->run([&] {
        present_(state);
        state.cleared = cache_.cleared();
        state.last_forgotten = cache_.last_forgotten();
        state.sequence = cache_.last_sequence();
    });
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
        saved_ = rows_ = 0;
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
    Database& database = file_->database();
    if (wipe_) {
        if (!database.prepare("DELETE FROM entry").run()) return false;
        rows_ = 0;
    }
    const bool has_old_rows = rows_ > 0;
    if (!cursor_) {
        prompt_->run([&] { cursor_ = std::make_unique<cache::Cursor>(cache_, saved_); });
    }
    auto insert = database.prepare("INSERT OR REPLACE INTO entry (" + std::string(entry_columns) +
                                   ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    for (unsigned shard = 0; shard < cache::Cache::shard_count; ++shard) {
        if (!write_shard(shard, state.sequence, insert, report)) return false;
    }
    // Something was forgotten before it was written, a tombstone or what had to make room: the row
    // of what it was before must not stay.
    Sequence gone = 0;
    prompt_->run([&] { gone = cache_.last_gone(); });
    const bool must_sweep = has_old_rows && gone > saved_;
    if (!(must_sweep ? sweep_all(report) : sweep_some(report))) return false;
    // Only now: rows of tombstones may have gone that were there when the snapshot began.
    prompt_->run([&] { state.last_forgotten = cache_.last_forgotten(); });
    state.entries = rows_;
    return file_->write_state(state);
}

/// To the end: what had changed before `up_to` and has changed again since is behind that. Others
/// go on writing meanwhile, but copying is faster; beyond `up_to` nothing is written in between.
/// Returns false if there is more, for which there is no memory now.
bool Snapshots::copy_changes(unsigned shard, Sequence up_to) {
    bool at_end = false;
    for (bool beyond = false; !at_end && (beyond || pending_bytes_ <= bytes_in_memory);) {
        std::size_t bytes = 0;
        cursor_->step(
            shard,
            [&](const EntryView& entry) {
                pending_.emplace_back(entry);
                bytes += sizeof(SavedEntry) + entry.key.size() + entry.value.size();
                beyond = entry.sequence > up_to;
                return bytes < bytes_a_step;
            },
            [&](bool end) { at_end = end; }, entries_a_step);
        pending_bytes_ += bytes;
    }
    return at_end;
}

bool Snapshots::write_shard(unsigned shard, Sequence up_to, Statement& insert, Report& report) {
    for (bool at_end = false; !at_end;) {
        prompt_->run([&] { at_end = copy_changes(shard, up_to); });
        if (!write_pending(shard, insert, report)) return false;
    }
    return true;
}

bool Snapshots::write_pending(unsigned shard, Statement& insert, Report& report) {
    std::sort(pending_.begin(), pending_.end(), [](const SavedEntry& a, const SavedEntry& b) {
        return std::tie(a.key, a.sequence) < std::tie(b.key, b.sequence);
    });
    bool well = true;
    std::uint64_t written = 0;
    for (std::size_t i = 0; well && i < pending_.size(); ++i) {
        // It has been passed twice, and has changed in between: the later one counts.
        if (i + 1 < pending_.size() && pending_[i].key == pending_[i + 1].key) continue;
        bind_entry(insert, shard, pending_[i], scratch_);
        well = insert.run();
        ++written;
    }
    report.written += written;
    rows_ += written;
    rows_added_ += written;
    pending_.clear();
    pending_bytes_ = 0;
    return well;
}

void Snapshots::begin_sweep() {
    sweep_shard_ = 0;
    swept_key_.clear();
    rows_kept_ = rows_added_ = 0;
}

bool Snapshots::sweep_all(Report& report) {
    begin_sweep();
    return sweep(std::numeric_limits<std::uint64_t>::max(), report);
}

/// As much as the snapshot itself has written, when there are many more rows than entries.
bool Snapshots::sweep_some(Report& report) {
    std::uint64_t entries = 0;
    prompt_->run([&] {
        for (unsigned shard = 0; shard < cache::Cache::shard_count; ++shard) {
            entries += cache_.lock(shard).entry_count();
        }
    });
    return rows_ <= entries + entries / 8 + 1024 || sweep(1024 + 2 * report.written, report);
}

/// Deletes the rows of what the store has forgotten, of which the feed says nothing.
bool Snapshots::sweep(std::uint64_t budget, Report& report) {
    Database& database = file_->database();
    auto rows =
        database.prepare("SELECT key FROM entry WHERE shard = ? AND key > ? ORDER BY key LIMIT ?");
    auto forget = database.prepare("DELETE FROM entry WHERE shard = ? AND key = ?");
    while (budget > 0) {
        std::vector<std::string> keys;
        rows.bind(0, sweep_shard_);
        rows.bind_blob(1, swept_key_);
        rows.bind(2, rows_a_step);
        auto step = rows.step();
        for (; step == Statement::Step::row; step = rows.step()) keys.emplace_back(rows.bytes(0));
        if (step == Statement::Step::failed) return false;
        rows.reset();
        budget -= std::min<std::uint64_t>(budget, keys.size() + 1);
        if (!keys.empty()) swept_key_ = keys.back();
        const bool shard_done = keys.size() < rows_a_step;
        rows_kept_ += keys.size();
        if (!std::all_of(keys.begin(), keys.end(), [this](const std::string& key) {
                return cache_.shard_of(key) == sweep_shard_;
            })) {
            database.fail({Failure::Kind::damaged, "an entry is not where it was written"});
            return false;
        }
        prompt_->run([&] {
            std::erase_if(keys, [shard = cache_.lock(sweep_shard_)](const std::string& key) {
                return shard.find(key).has_value();
            });
        });
        for (const std::string& key : keys) {
            forget.bind(0, sweep_shard_);
            forget.bind_blob(1, key);
            if (!forget.run()) return false;
        }
        rows_kept_ -= keys.size();
        rows_ -= std::min<std::uint64_t>(rows_, keys.size());
        report.forgotten += keys.size();
        if (!shard_done) continue;
        swept_key_.clear();
        sweep_shard_ = (sweep_shard_ + 1) % cache::Cache::shard_count;
        if (sweep_shard_ != 0) continue;
        rows_ = std::exchange(rows_kept_, 0) + std::exchange(rows_added_, 0);
        return true;
    }
    return true;
}

std::optional<Failure> Snapshots::tidy() {
    if (!file_ || file_->database().log_pages() < pages_worth_a_checkpoint) return std::nullopt;
    return file_->database().checkpoint();
}

}  // namespace clacks::persistence
