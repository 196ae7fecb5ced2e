#include "client/tool/new_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>
#include <system_error>

namespace clacks::tool {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& path) {
    throw std::system_error(errno, std::generic_category(), "cannot write " + path.string());
}

/// A file beside its future place, so that it can be moved there in one step.
class TemporaryFile {
public:
    explicit TemporaryFile(const fs::path& target)
        : target_(target), name_((target.parent_path() / ".clacks-XXXXXX").string()) {
        descriptor_ = ::mkostemp(name_.data(), O_CLOEXEC);  // O_EXCL and 0600
        if (descriptor_ < 0) fail(target_);
    }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    ~TemporaryFile() {
        if (descriptor_ >= 0) ::close(descriptor_);
        if (!name_.empty()) ::unlink(name_.c_str());
    }

    void write(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
            if (written < 0 && errno == EINTR) continue;
            if (written < 0) fail(target_);
            bytes.remove_prefix(static_cast<std::size_t>(written));
        }
    }

    void move_into_place(mode_t mode, bool replace) {
        if (::fchmod(descriptor_, mode) != 0 || ::fsync(descriptor_) != 0) fail(target_);
        if (replace) {
            if (::rename(name_.c_str(), target_.c_str()) != 0) fail(target_);
            name_.clear();
        } else if (::link(name_.c_str(), target_.c_str()) != 0) {  // unlike rename: EEXIST
            fail(target_);
        }
    }

private:
    const fs::path target_;
    std::string name_;
    int descriptor_ = -1;
};

}  // namespace

void write_new_file(const fs::path& path, std::string_view bytes, mode_t mode, bool replace) {
    TemporaryFile file(path);
    file.write(bytes);
    file.move_into_place(mode, replace);
}

}  // namespace clacks::tool
