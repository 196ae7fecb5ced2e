#include "persistence/kept_file.hpp"

#include <utility>

#include "persistence/checking.hpp"
#include "persistence/file_identity.hpp"
#include "persistence/moving_aside.hpp"

namespace clacks::persistence {

KeptFile::KeptFile(std::string path, std::string id, std::string found_id, Tell tell,
                   FileLock* lock)
    : path_(std::move(path)),
      id_(std::move(id)),
      found_id_(std::move(found_id)),
      tell_(std::move(tell)),
      lock_(lock) {}

Result<bool> KeptFile::open(const State& last, Time now) {
    if (lock_ != nullptr) {
        if (auto failure = lock_->renew()) {
            close();  // it is another node's now
            return *failure;
        }
    }
    if (auto failure = look_after_it(now)) return *failure;
    if (damaged_) close();
    if (file_) return true;
    const auto has_last =
        damaged_ ? Failure{Failure::Kind::damaged, "it cannot be written to"} : open_as_it_is(last);
    if (has_last || has_last.error().kind != Failure::Kind::damaged) return has_last;
    const std::string why =
        (doubtful_ ? "another program has written to it: " : "") + has_last.error().what;
    const DamagedFile file{
        .path = path_, .why = why, .next = "making a new one", .pause = std::chrono::hours(1)};
    if (auto obstacle = put_aside(file, now, tell_)) return *obstacle;
    damaged_ = false;
    doubtful_ = false;
    return open_as_it_is(last);
}

/// Finds out what others have done to it since it was opened.
std::optional<Failure> KeptFile::look_after_it(Time now) {
    const auto there = identity_of(path_);
    if (!identity_.empty() && there != identity_) {
        close();
        auto failure = there ? put_replacement_aside(path_, now, tell_)
                             : put_foreign_log_aside(path_, now, tell_);
        if (failure) return failure;
        if (!there) {
            tell_({.severity = Severity::warning,
                   .name = "database_gone",
                   .file = path_,
                   .what = "making a new one"});
        }
        identity_.clear();
        damaged_ = false;
        doubtful_ = false;
    } else if (file_ && file_->written_by_others()) {
        doubtful_ = true;
        file_->leave_log(true);  // it stays as they have left it
        close();
    }
    if (doubtful_) return put_foreign_log_aside(path_, now, tell_);
    return std::nullopt;
}

/// What stands there may have been put there by others since we had it open.
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
    identity_ = file->identity();
    file_ = std::move(*file);
    table_ = std::move(*table);
    return has_last;
}

void KeptFile::close_after(const Failure& failure) {
    close();
    replace_if_damaged(failure);
}

void KeptFile::close() {
    table_.reset();
    file_.reset();
}

}  // namespace clacks::persistence
