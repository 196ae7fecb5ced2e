#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <string_view>

namespace clacks::tool {

/// A file that is being written beside its future place, so that it appears there complete, or not
/// at all. Until then it has a name of its own, only its owner can open it, and it is removed with
/// this object, or when SIGINT, SIGTERM or SIGHUP ends the process. Everything throws
/// std::system_error naming the target.
class PendingFile {
public:
    explicit PendingFile(const std::filesystem::path& target);
    PendingFile(const PendingFile&) = delete;
    PendingFile& operator=(const PendingFile&) = delete;
    ~PendingFile();

    /// Where it is, for those who write to it themselves.
    const std::string& path() const { return name_; }

    void write(std::string_view bytes);

    /// Once. It is on the disk when this returns. Without `replace` a file that is there already
    /// stays, and this throws.
    void move_into_place(mode_t mode, bool replace);

private:
    [[noreturn]] void fail() const;

    const std::filesystem::path target_;
    std::string name_;
    int descriptor_ = -1;
};

}  // namespace clacks::tool
