#include "persistence/real_path.hpp"

#include <filesystem>
#include <system_error>

namespace clacks::persistence {

std::string real_path(const std::string& path) {
    namespace fs = std::filesystem;
    constexpr int most_links = 40;  // as for the system
    std::error_code error;
    fs::path found = fs::absolute(path, error);
    if (error) return path;
    for (int links = 0; !error && links < most_links; ++links) {
        const fs::path target = fs::read_symlink(found, error);
        if (!error) found = found.parent_path() / target;
    }
    if (!error) return path;
    found = fs::weakly_canonical(found, error);
    return error ? path : found.string();
}

}  // namespace clacks::persistence
