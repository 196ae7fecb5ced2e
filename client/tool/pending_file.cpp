#include "client/tool/pending_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <system_error>

namespace clacks::tool {
namespace {

namespace fs = std::filesystem;

/// What a signal handler may look at: a file is removed even when Ctrl-C ends its writing. One at a
/// time, as the tool has it.
class RemovalBySignal {
public:
    void arm(const std::string& file) {
        if (file.size() >= sizeof name_) return;
        std::memcpy(name_, file.c_str(), file.size() + 1);
        armed_ = true;
        for (std::size_t i = 0; i < std::size(signals); ++i) {
            struct sigaction action {};
            action.sa_handler = remove_and_end;
            // Who ignores it, as nohup does, goes on ignoring it.
            ::sigaction(signals[i], nullptr, &before_[i]);
            if (before_[i].sa_handler == SIG_DFL) ::sigaction(signals[i], &action, nullptr);
        }
    }
    void disarm() {
        if (!armed_.exchange(false)) return;
        for (std::size_t i = 0; i < std::size(signals); ++i)
            ::sigaction(signals[i], &before_[i], nullptr);
    }

private:
    static constexpr int signals[] = {SIGINT, SIGTERM, SIGHUP};

    static void remove_and_end(int signal);

    char name_[PATH_MAX] = {};
    std::atomic<bool> armed_{false};
    struct sigaction before_[std::size(signals)]{};
};

RemovalBySignal removal_by_signal;

void RemovalBySignal::remove_and_end(int signal) {
    if (removal_by_signal.armed_) ::unlink(removal_by_signal.name_);
    ::signal(signal, SIG_DFL);
    ::raise(signal);
}

/// Else a loss of power may take the name back.
void sync_directory(const fs::path& target) {
    const fs::path directory = target.has_parent_path() ? target.parent_path() : fs::path(".");
    const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return;
    // Some file systems cannot, and have nothing to lose.
    [[maybe_unused]] const int synced = ::fsync(descriptor);
    ::close(descriptor);
}

}  // namespace

void PendingFile::fail() const {
    throw std::system_error(errno, std::generic_category(), "cannot write " + target_.string());
}

PendingFile::PendingFile(const fs::path& target)
    : target_(target), name_((target.parent_path() / ".clacks-XXXXXX").string()) {
    descriptor_ = ::mkostemp(name_.data(), O_CLOEXEC);  // O_EXCL and 0600
    if (descriptor_ < 0) fail();
    removal_by_signal.arm(name_);
}

PendingFile::~PendingFile() {
    removal_by_signal.disarm();
    ::close(descriptor_);
    if (!name_.empty()) ::unlink(name_.c_str());
}

void PendingFile::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) fail();
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
}

void PendingFile::move_into_place(mode_t mode, bool replace) {
    if (::fchmod(descriptor_, mode) != 0 || ::fsync(descriptor_) != 0) fail();
    if (replace) {
        if (::rename(name_.c_str(), target_.c_str()) != 0) fail();
        name_.clear();
    } else if (::link(name_.c_str(), target_.c_str()) != 0) {  // unlike rename: EEXIST
        fail();
    }
    sync_directory(target_);
}

}  // namespace clacks::tool
