#include "persistence/snapshots.hpp"

#include <algorithm>
#include <exception>
#include <new>
#include <utility>

namespace clacks::persistence {
namespace {

using cache::EntryView;
using cache::Sequence;

constexpr unsigned shards = cache::Cache::shard_count;

/// So much is copied while a shard is locked: 20 to 50 microseconds.
constexpr std::size_t entries_a_step = 256;
constexpr std::size_t bytes_a_step = 64U << 10U;
/// So much is copied before it is written.
constexpr std::size_t blocks_at_once = 3;
constexpr std::size_t bytes_at_once = blocks_at_once * Block::full_bytes;
/// So much is written before the disk has to take it, in bytes as they are in memory; less is left
/// to COMMIT.
constexpr std::uint64_t bytes_a_sync = 8U << 20U;
/// How often the end of a shard's changes is looked for while others change them.
constexpr int rounds_behind_others = 4;

/// A shard is written anew when the file has so much more of it than its records take in memory,
/// in percent: not all shards in the same snapshot.
constexpr std::uint64_t least_share = 150;
constexpr std::uint64_t most_share = 250;
/// Of a shard that has less nothing is said.
constexpr std::uint64_t bytes_not_worth_it = 64U << 10U;

/// While no snapshot succeeds so much is remembered of what the store has forgotten of a shard, in
/// bytes.
constexpr std::size_t most_forgotten = 128U << 10U;

/// The log is taken over into the file when it has so many pages: 4 MiB, of 32 KiB each.
constexpr int pages_worth_a_checkpoint = 128;
/// And after so many removals: each adds a page or some to it, however little it removes.
constexpr unsigned removals_a_checkpoint = 512;

}  // namespace

Snapshots::Snapshots(std::string path, cache::Cache& cache, const State& begun, FoundFile found,
                     std::function<void(State&)> present, Tell tell, FileLock* lock)
    : file_(std::move(path), begun.id, std::move(found), std::move(tell), lock),
      cache_(cache),
      present_(std::move(present)),
      last_(begun),
      saved_(begun.sequence),
      shifts_(cache.shifts()),
      blocks_(blocks_at_once) {}

/// Calls `bool step()` until there is no more to do.
template <class Step>
void Snapshots::in_pieces(Step&& step) {
    bool more = true;
    std::exception_ptr problem;
    const auto piece = [&](const GoesOn& goes_on) {
        try {
            do more = step();
            while (goes_on(done_, std::max(done_, expected_)) && more);
        } catch (...) {
            problem = std::current_exception();
            more = false;
        }
    };
    while (more) perform_(piece, done_, std::max(done_, expected_));
    if (problem) std::rethrow_exception(problem);
}

Result<Snapshots::Report> Snapshots::save(bool ended, std::chrono::system_clock::time_point now,
                                          Perform perform, Copy copy) {
    Report report;
    perform_ = std::move(perform);
    copy_ = std::move(copy);
    done_ = 0;
    synced_ = 0;
    const auto has_last = file_.open(last_, now);
    if (!has_last) return has_last.error();
    if (!*has_last) write_anew();
    for (unsigned shard = 0; shard < shards; ++shard) take_forgotten(shard, rewrites_);
    expected_ = outstanding();
    State state = present_state();
    state.ended = ended;
    report.time = state.time;
    const auto shifts = cache_.shifts();
    State same = last_;
    same.time = state.time;
    // Two clocks are never read at the same instant.
    if (abs(state.ahead - same.ahead) < std::chrono::seconds(1)) same.ahead = state.ahead;
    if (*has_last && state == same && saved_ == state.sequence && shifts == shifts_ &&
        !has_forgotten())
        return report;

    Database& database = file_.database();
    // tidy() may have left another mode.
    auto failure = database.run("PRAGMA synchronous = FULL; BEGIN IMMEDIATE");
    if (!failure) {
        // All times have moved, but no entry has changed.
        if (shifts != std::exchange(shifts_, shifts)) write_anew();
        try {
            failure = write_all(state, report) ? database.run("COMMIT") : database.failure();
        } catch (const std::bad_alloc&) {
            failure = {Failure::Kind::unusable, "there is too little memory to write it"};
        }
        if (failure) (void)database.run("ROLLBACK");
        if (!failure && !file_.is_in_place())
            failure = {Failure::Kind::unusable, "it was removed or exchanged while it was written"};
    }
    if (failure) {
        // What the cursor has passed is not in the file.
        cursor_.reset();
        clear_blocks();
        file_.close_after(*failure);
        rewrites_ |= std::exchange(later_rewrites_, {});
        return *failure;
    }
    last_ = std::move(state);
    saved_ = last_.sequence;
    forgotten_ = {};
    rewrites_ = std::exchange(later_rewrites_, {});
    return report;
}

std::uint64_t Snapshots::outstanding() {
    std::uint64_t bytes = 0;
    std::uint64_t entries = 1;
    const Sequence saved = cache_.shifts() == shifts_ ? saved_ : 0;
    std::uint64_t to_write = std::min<std::uint64_t>(cache_.size(), cache_.last_sequence() - saved);
    for (unsigned index = 0; index < shards; ++index) {
        const auto shard = cache_.lock(index);
        bytes += shard.records_footprint();
        entries += shard.entry_count();
        if (rewrites_[index] || is_worth_rewriting(index, shard.records_footprint()))
            to_write += shard.entry_count();
    }
    bytes_an_entry_ = bytes / entries;
    // What has changed in a shard that is written anew is written once.
    return std::min(to_write, entries) * bytes_an_entry_;
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

/// Nothing of what is in the file counts.
void Snapshots::write_anew() {
    saved_ = 0;
    cursor_.reset();
}

bool Snapshots::write_all(State& state, Report& report) {
    if (!cursor_) {
        cursor_ = std::make_unique<cache::Cursor>(cache_, saved_, cache::Cursor::Keeping::copies);
    }
    state.entries = 0;
    for (unsigned shard = 0; shard < shards; ++shard) {
        const auto bytes = cache_.lock(shard).records_footprint();
        if (saved_ == 0 || is_worth_rewriting(shard, bytes)) rewrites_.set(shard);
        if (rewrites_[shard] && !begin_anew(shard, report)) return false;
        if (!write_shard(shard, report) || !write_forgotten(shard, report) || !sync_some())
            return false;
        state.entries += cache_.lock(shard).entry_count();
    }
    state.blocks = file_.table().count();
    // Only now: tombstones may have been forgotten that were there when the snapshot began.
    state.last_forgotten = cache_.last_forgotten();
    return prepare_commit() && file_.write_state(state);
}

/// What is out of date in the file takes more room than it is worth.
bool Snapshots::is_worth_rewriting(unsigned shard, std::size_t bytes_in_memory) const {
    if (!file_.is_open()) return false;
    const std::uint64_t share = least_share + shard * (most_share - least_share) / shards;
    return file_.table().bytes(shard) > bytes_in_memory * share / 100 + bytes_not_worth_it ||
           file_.table().has_many(shard);
}

/// What the store has forgotten, of which the feed says nothing. Where that is too much the shard
/// is put among `rewrites`.
void Snapshots::take_forgotten(unsigned shard, Shards& rewrites) {
    cache::Forgotten& all = forgotten_[shard];
    auto taken = cache_.lock(shard).take_forgotten();
    if (taken.incomplete()) rewrites.set(shard);
    if (all.keys().empty()) {
        all = std::move(taken);
        return;
    }
    for (const std::string& key : taken.keys()) all.add(key, most_forgotten);
    if (all.incomplete()) rewrites.set(shard);
}

bool Snapshots::has_forgotten() const {
    return rewrites_.any() || std::any_of(forgotten_.begin(), forgotten_.end(),
                                          [](const auto& of) { return !of.keys().empty(); });
}

/// When all that there is has been written: also what had changed before the snapshot began and was
/// forgotten before we came by. What has been stored anew and copied is in the file behind that.
bool Snapshots::write_forgotten(unsigned shard, Report& report) {
    take_forgotten(shard, later_rewrites_);
    for (const std::string& key : forgotten_[shard].keys()) {
        if (!cache_.lock(shard).is_copied(key)) block().add_forgotten(key);
    }
    report.forgotten += forgotten_[shard].keys().size();
    bool well = true;
    in_pieces([&] {
        well = !has_blocks() || write_block(shard);
        return well && has_blocks();
    });
    return well;
}

/// All that there is of a shard will be written in place of what the file has.
bool Snapshots::begin_anew(unsigned shard, Report& report) {
    report.forgotten += forgotten_[shard].take().keys().size();
    cursor_->restart(shard);
    return file_.table().begin_anew(shard);
}

/// What had changed before the snapshot began and changes again meanwhile moves to the end of the
/// list. So we run after the end, a block at a time, and at last take in one step what is left: as
/// much as changes while so much is copied.
bool Snapshots::write_shard(unsigned shard, Report& report) {
    int round = 0;
    Sequence end = cache_.last_sequence();
    auto copied = Copied::some;
    bool is_writing = false;  // what has been copied; else more is copied
    bool well = true;
    in_pieces([&] {
        if (is_writing) {
            well = !has_blocks() || write_block(shard);
            is_writing = has_blocks();
            return well && (is_writing || copied != Copied::all);
        }
        copied = Copied::all;
        if (round < rounds_behind_others) {
            copied = copy_some(shard, end, report);
        } else if (!copy_rest(shard, report)) {
            return true;
        }
        if (copied == Copied::up_to_end) {
            ++round;
            end = cache_.last_sequence();
            return true;
        }
        is_writing = copied == Copied::all || !has_room();
        return true;
    });
    return well;
}

/// A step or some, not much beyond the change number `end`.
Snapshots::Copied Snapshots::copy_some(unsigned shard, Sequence end, Report& report) {
    bool at_end = false;
    bool beyond = false;
    const auto step = [&] {
        Block& block = this->block();
        const std::size_t bytes_before = block.bytes().size();
        cursor_->step(
            shard,
            [&](const EntryView& entry) {
                block.add(entry);
                ++report.written;
                beyond = entry.sequence > end;
                return !block.is_full() && block.bytes().size() - bytes_before < bytes_a_step &&
                       !beyond;
            },
            [&](bool is_end) { at_end = is_end; }, entries_a_step);
        return !at_end && !beyond && has_room();
    };
    if (!copy_(std::ref(step))) return Copied::some;
    if (at_end) return Copied::all;
    return beyond ? Copied::up_to_end : Copied::some;
}

bool Snapshots::copy_rest(unsigned shard, Report& report) {
    const auto step = [&] {
        cursor_->step(
            shard,
            [&](const EntryView& entry) {
                block().add(entry);
                ++report.written;
                return true;
            },
            [](bool) {});
        return false;
    };
    return copy_(std::ref(step));
}

/// To which the next record goes.
Block& Snapshots::block() {
    if (blocks_[filled_].is_full() && ++filled_ == blocks_.size()) blocks_.emplace_back();
    return blocks_[filled_];
}

/// For another step.
bool Snapshots::has_room() const {
    std::size_t copied = 0;
    for (std::size_t i = 0; i <= filled_; ++i) copied += blocks_[i].bytes().size();
    return copied < bytes_at_once;
}

/// The first of those that have not been written yet.
bool Snapshots::write_block(unsigned shard) {
    const Block& block = blocks_[written_];
    const bool well = file_.table().append(shard, block);
    done_ += block.records() * bytes_an_entry_;
    ++written_;
    if (!well || written_ > filled_ || !has_blocks()) clear_blocks();
    return well;
}

/// Their memory is kept: giving it back and taking it anew, again and again, makes the kernel
/// interrupt all threads of the process.
void Snapshots::clear_blocks() {
    blocks_.resize(blocks_at_once);
    for (Block& block : blocks_) block.clear();
    filled_ = 0;
    written_ = 0;
}

/// What is on the disk already COMMIT does not wait for.
bool Snapshots::sync_some() {
    if (done_ - synced_ < bytes_a_sync) return true;
    synced_ = done_;
    bool well = true;
    in_pieces([&] {
        well = file_.database().sync_log();
        return false;
    });
    return well;
}

/// COMMIT has to end in time, so it is not done by a thread that hardly runs on a busy machine: of
/// a large snapshot as little as possible is left to it.
bool Snapshots::prepare_commit() {
    if (done_ < bytes_a_sync) return true;
    bool well = true;
    in_pieces([&] {
        well = file_.database().write_to_log() && file_.database().sync_log();
        return false;
    });
    return well;
}

std::optional<Failure> Snapshots::tidy(const std::function<bool()>& goes_on) {
    if (!wants_tidying()) return std::nullopt;
    Database& database = file_.database();
    database.forget_interruption();
    // Nothing of that has to be safe; and to run it ends an interruption that came too late.
    auto failure = database.run("PRAGMA synchronous = NORMAL");
    if (!failure) failure = remove_outdated(goes_on);
    if (database.was_interrupted()) return std::nullopt;
    const auto other_failure = file_.checkpoint();
    if (!failure) failure = other_failure;
    if (failure) file_.note(*failure);
    return failure;
}

/// Some; the rest stays for the next time. If they are there again after a power failure that is no
/// harm.
std::optional<Failure> Snapshots::remove_outdated(const std::function<bool()>& goes_on) {
    Database& database = file_.database();
    std::optional<Failure> failure;
    const auto ends = [&] { return failure || database.was_interrupted() || !goes_on(); };
    for (unsigned i = 0; !ends() && file_.table().has_outdated(); ++i) {
        if (i > 0 && i % removals_a_checkpoint == 0) failure = file_.checkpoint();
        if (!failure && !file_.table().remove_some_outdated()) failure = database.failure();
    }
    return failure;
}

bool Snapshots::wants_tidying() {
    return file_.is_open() && (file_.database().log_pages() >= pages_worth_a_checkpoint ||
                               file_.table().has_outdated());
}

void Snapshots::interrupt() {
    if (file_.is_open()) file_.database().interrupt();
}

}  // namespace clacks::persistence
