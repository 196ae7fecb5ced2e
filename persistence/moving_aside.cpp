#include "persistence/moving_aside.hpp"

#include <cerrno>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <system_error>

namespace clacks::persistence {

Result<std::string> move_aside(const std::string& path, std::chrono::system_clock::time_point now) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    char time[32];
    std::strftime(time, sizeof time, "%Y%m%dT%H%M%SZ", &parts);
    std::string aside = path + ".damaged-" + time;
    std::error_code none;
    for (int more = 1; std::filesystem::exists(aside, none); ++more) {
        aside = path + ".damaged-" + time + "-" + std::to_string(more);
    }
    // The log first: the file alone would be an older state of it.
    for (const char* suffix : {"-wal", "-journal", "-shm", ""}) {
        if (std::rename((path + suffix).c_str(), (aside + suffix).c_str()) == 0) continue;
        if (errno == ENOENT) continue;
        return Failure{Failure::Kind::unusable,
                       "it cannot be moved aside: " + std::generic_category().message(errno)};
    }
    return aside;
}

}  // namespace clacks::persistence
