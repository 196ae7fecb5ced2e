#include "persistence/file_identity.hpp"

#include <sys/stat.h>

#include <fstream>

namespace clacks::persistence {

std::optional<std::string> identity_of(const std::string& path) {
    struct stat about {};
    if (::stat(path.c_str(), &about) != 0) return std::nullopt;
    std::string machine;
    std::getline(std::ifstream("/etc/machine-id"), machine);
    return machine + ":" + std::to_string(about.st_ino);
}

FileStamp stamp_of(const std::string& path) {
    struct stat about {};
    if (::stat(path.c_str(), &about) != 0) return {};
    return {about.st_size, about.st_mtim.tv_sec, about.st_mtim.tv_nsec};
}

}  // namespace clacks::persistence
