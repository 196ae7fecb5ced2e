#include "persistence/file_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace clacks::persistence {

FileLock::~FileLock() {
    if (file_ >= 0) ::close(file_);
}

std::optional<Failure> FileLock::take(const std::string& database) {
    const std::string path = database + "-lock";
    file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file_ < 0) return std::nullopt;
    if (::flock(file_, LOCK_EX | LOCK_NB) == 0) {
        const std::string pid = std::to_string(::getpid()) + "\n";
        // Only for whoever wonders.
        [[maybe_unused]] const bool told =
            ::ftruncate(file_, 0) == 0 && ::write(file_, pid.data(), pid.size()) > 0;
        return std::nullopt;
    }
    char pid[32] = {};
    const auto size = ::read(file_, pid, sizeof pid - 1);
    std::string who(pid, size > 0 ? static_cast<std::size_t>(size) : 0);
    while (!who.empty() && who.back() == '\n') who.pop_back();
    return Failure{
        Failure::Kind::in_use,
        "another clacksd" + (who.empty() ? "" : " (process " + who + ")") + " is using it"};
}

}  // namespace clacks::persistence
