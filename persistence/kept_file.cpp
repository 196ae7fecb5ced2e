#include "persistence/kept_file.hpp"

#include <utility>

#include "persistence/checking.hpp"
#include "persistence/moving_aside.hpp"

namespace clacks::persistence {

KeptFile::KeptFile(std::string path, std::string id, FoundFile found, Tell tell, FileLock* lock)
    : path_(std::move(path)),
      id_(std::move(id)),
      found_id_(std::move(found.id)),
      tell_(std::move(tell)),
      lock_(lock),
      stamp_(found.stamp),
      log_(found.log) {}

Result<bool> KeptFile::open(const State& last, Time now) {
    if (lock_ != nullptr) {
        if (auto failure = lock_->renew()) {
            close();  // it may be another node's now
            return *failure;
        }
    }
    if (auto failure = look_after_it(now)) return *failure;
    if (damaged_) close();
    if (opened_) return true;
    auto opened =
        damaged_ ? Failure{Failure::Kind::damaged, "it cannot be written to"} : try_to_open(last);
    if (opened) return opened;
    const Failure& why = opened.error();
    const bool is_of_others = doubtful_ && why.kind == Failure::Kind::newer;
    if (why.kind != Failure::Kind::damaged && !is_of_others) return opened;
    if (auto obstacle = put_away(why.what, /*is_ours=*/true, now)) return *obstacle;
    return try_to_open(last);
}

/// Finds out what others have done to it.
std::optional<Failure> KeptFile::look_after_it(Time now) {
    const auto there = stamp_of(path_);
    if (!there) return there.error();
    if (there->is_there() && !there->is_same_file(stamp_)) {
        close();
        return put_away("another file was put in its place while the node runs", false, now);
    }
    if (!there->is_there() && stamp_.is_there()) {
        close();
        if (auto failure = put_foreign_log_aside(path_, now, tell_, true)) return failure;
        forget_it();
        tell_({.severity = Severity::warning,
               .name = "database_gone",
               .file = path_,
               .what = "making a new one"});
        return std::nullopt;
    }
    const bool was_open = is_open();
    if (*there != stamp_ || !has_its_log()) {
        close();
        doubtful_ = true;
    }
    if (!doubtful_ || (!was_open && has_empty_log())) return std::nullopt;
    return put_foreign_log_aside(path_, now, tell_, !has_its_log());
}

Result<FileStamp> KeptFile::log_stamp() const { return stamp_of(path_ + "-wal"); }

/// Or none, if it had none.
bool KeptFile::has_its_log() const {
    const auto log = log_stamp();
    return log && log->is_same_file(log_);
}

/// Who reads a database that nobody has open makes one.
bool KeptFile::has_empty_log() const {
    const auto log = log_stamp();
    return log && log->is_there() && log->bytes == 0;
}

Result<bool> KeptFile::try_to_open(const State& last) {
    auto opened = open_as_it_is(last);
    // Also of what we have begun to make, and could not.
    note_stamp();
    note_log();
    return opened;
}

Result<bool> KeptFile::open_as_it_is(const State& last) {
    const Failure not_as_saved{Failure::Kind::damaged, "it is not what was saved last"};
    if (doubtful_ && !may_have_log(path_)) return not_as_saved;
    auto file = StoreFile::open(path_, /*leaves_log=*/doubtful_);
    if (!file) return file.error();
    const auto found = file->read_state();
    if (!found) return found.error();
    const bool has_last = *found && **found == last;
    if (*found && (*found)->id != id_ && (*found)->id != found_id_)
        return Failure{Failure::Kind::damaged, "it is another node's now"};
    if (doubtful_) {
        if (!has_last) return not_as_saved;
        const auto entries = check_entries(file->database(), last.blocks);
        if (!entries) return entries.error();
    }
    auto table = BlockTable::open(file->database());
    if (!table) return table.error();
    file->leave_log(false);
    doubtful_ = false;
    opened_ = std::make_unique<Opened>(Opened{std::move(*file), std::move(*table)});
    return has_last;
}

/// `is_ours`: it is the one that we had, though damaged or written to by others.
std::optional<Failure> KeptFile::put_away(std::string why, bool is_ours, Time now) {
    if (is_ours && doubtful_) why = "it was written to while the node runs: " + why;
    const UnwantedFile file{
        .path = path_,
        .why = why,
        .next = is_ours ? "making a new one"
                        : "making a new one; to begin with another database stop the node before "
                          "you put that in place",
        .pause = std::chrono::hours(1),
        .is_ours = is_ours,
        .has_log = is_ours ? !doubtful_ : !has_its_log()};
    auto failure = put_aside(file, now, tell_);
    if (!failure) forget_it();
    return failure;
}

/// There is none any more.
void KeptFile::forget_it() {
    stamp_ = {};
    log_ = {};
    damaged_ = false;
    doubtful_ = false;
}

void KeptFile::note_stamp() {
    if (const auto there = stamp_of(path_)) stamp_ = *there;
}

void KeptFile::note_log() {
    if (const auto log = log_stamp()) log_ = *log;
}

bool KeptFile::is_in_place() const {
    const auto there = stamp_of(path_);
    return there && there->is_same_file(stamp_) && has_its_log();
}

std::optional<Failure> KeptFile::checkpoint() {
    const auto there = stamp_of(path_);
    if (!there || *there != stamp_) return std::nullopt;  // open() sees to it
    auto failure = database().checkpoint();
    note_stamp();
    return failure;
}

void KeptFile::close_after(const Failure& failure) {
    close();
    note(failure);
}

void KeptFile::note(const Failure& failure) {
    damaged_ = damaged_ || failure.kind == Failure::Kind::damaged;
}

void KeptFile::close() {
    if (!opened_) return;
    const auto there = stamp_of(path_);
    const bool is_as_we_left_it = there && *there == stamp_;
    const bool has_log = has_its_log();
    // What is in a log that was taken away we still have.
    if (is_as_we_left_it && !has_log) (void)database().checkpoint();
    opened_->file.leave_log(!is_as_we_left_it || !has_log);
    opened_.reset();
    if (is_as_we_left_it) note_stamp();
    if (has_log) note_log();
}

}  // namespace clacks::persistence
