#include "persistence/file_stamp.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace clacks::persistence {

Result<FileStamp> stamp_of(const std::string& path) {
    struct stat about {};
    if (::lstat(path.c_str(), &about) == 0) {
        return FileStamp{.number = about.st_ino,
                         .bytes = about.st_size,
                         .modified_seconds = about.st_mtim.tv_sec,
                         .modified_nanoseconds = about.st_mtim.tv_nsec};
    }
    const int error = errno;
    const auto directory = std::filesystem::path(path).parent_path();
    std::error_code none;
    if (error == ENOENT && (directory.empty() || std::filesystem::is_directory(directory, none)))
        return FileStamp{};
    if (error == ENOENT || error == ENOTDIR)
        return Failure{Failure::Kind::unusable, "there is no directory " + directory.string()};
    return Failure{Failure::Kind::unusable, std::generic_category().message(error)};
}

}  // namespace clacks::persistence
