#include "persistence/obstacle.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace clacks::persistence {
namespace {

namespace fs = std::filesystem;

/// Why this user cannot do `how` there; empty: he can.
std::string obstacle(const fs::path& path, int how) {
    if (::faccessat(AT_FDCWD, path.c_str(), how, AT_EACCESS) == 0) return "";
    return std::generic_category().message(errno);
}

}  // namespace

std::string obstacle_to_writing(const std::string& path) {
    const fs::path file(path);
    const auto directory = file.has_parent_path() ? file.parent_path() : fs::path(".");
    std::error_code none;
    if (!fs::is_directory(directory, none)) return "there is no directory " + directory.string();
    if (const auto why = obstacle(directory, W_OK | X_OK); !why.empty())
        return "nothing can be written in " + directory.string() + ": " + why;
    const auto kind = fs::status(file, none).type();
    if (kind == fs::file_type::not_found) return "";
    if (kind != fs::file_type::regular) return path + " is no file";
    if (const auto why = obstacle(file, R_OK | W_OK); !why.empty())
        return path + " cannot be used: " + why;
    return "";
}

}  // namespace clacks::persistence
