#include "persistence/file_identity.hpp"

#include <sys/stat.h>

#include <fstream>

namespace clacks::persistence {

std::optional<std::string> identity_of(const std::string& path) {
    static const std::string machine = [] {
        std::string id;
        std::getline(std::ifstream("/etc/machine-id"), id);
        return id;
    }();
    struct stat about {};
    if (::stat(path.c_str(), &about) != 0) return std::nullopt;
    return machine + ":" + std::to_string(about.st_ino);
}

}  // namespace clacks::persistence
