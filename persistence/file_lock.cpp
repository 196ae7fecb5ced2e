#include "persistence/file_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "persistence/real_path.hpp"

namespace clacks::persistence {
namespace {

std::string words(int error) { return std::generic_category().message(error); }

/// On a disk that is read only the lock of one who could write has no meaning.
bool matters(const std::string& path, int error) {
    struct stat about {};
    return error != EROFS && ::lstat(path.c_str(), &about) == 0;
}

int try_lock(int file) {
    int result = 0;
    do {
        result = ::flock(file, LOCK_EX | LOCK_NB);
    } while (result != 0 && errno == EINTR);
    return result == 0 ? 0 : errno;
}

Failure held_by(int file) {
    char pid[32] = {};
    const auto size = ::pread(file, pid, sizeof pid - 1, 0);
    std::string who(pid, size > 0 ? static_cast<std::size_t>(size) : 0);
    while (!who.empty() && who.back() == '\n') who.pop_back();
    return {Failure::Kind::in_use,
            "another clacksd" + (who.empty() ? "" : " (process " + who + ")") + " is using it"};
}

}  // namespace

FileLock::~FileLock() {
    if (file_ >= 0) ::close(file_);
}

std::optional<Failure> FileLock::take(const std::string& database) {
    path_ = real_path(database) + "-lock";
    return open_and_lock();
}

std::optional<Failure> FileLock::open_and_lock() {
    file_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file_ < 0) {
        const int error = errno;
        // A lock can be had on what can only be read.
        file_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
        if (file_ < 0 && !matters(path_, error)) return std::nullopt;
        if (file_ < 0) {
            return Failure{Failure::Kind::unusable, "its lock cannot be opened: " + path_ + ": " +
                                                        words(error) + ". Is it another user's?"};
        }
    }
    const int error = try_lock(file_);
    if (error == EWOULDBLOCK) return held_by(file_);
    if (error != 0) {
        return Failure{Failure::Kind::unusable,
                       "it cannot be locked, so that another clacksd could use it too: " + path_ +
                           ": " + words(error) +
                           ". Its disk must know locks; one that is not in the network does"};
    }
    const std::string pid = std::to_string(::getpid()) + "\n";
    // Only for whoever wonders.
    [[maybe_unused]] const bool told =
        ::ftruncate(file_, 0) == 0 && ::write(file_, pid.data(), pid.size()) > 0;
    return std::nullopt;
}

bool FileLock::in_place() const {
    struct stat ours {};
    struct stat there {};
    return file_ >= 0 && ::fstat(file_, &ours) == 0 && ::stat(path_.c_str(), &there) == 0 &&
           ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

std::optional<Failure> FileLock::renew() {
    if (in_place()) return std::nullopt;
    FileLock anew;
    anew.path_ = path_;
    if (auto failure = anew.open_and_lock()) return failure;
    std::swap(file_, anew.file_);
    return std::nullopt;
}

}  // namespace clacks::persistence
