#include "persistence/moving_aside.hpp"

#include <cctype>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <span>
#include <system_error>
#include <vector>

namespace clacks::persistence {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view damaged_infix = ".damaged-";
constexpr std::string_view foreign_infix = ".foreign-";
constexpr std::string_view log_infix = ".replaced-";
constexpr const char* time_format = "%Y%m%dT%H%M%SZ";

/// The log first: the file alone would be an older state of it.
constexpr std::string_view parts[] = {"-wal", "-journal", "-shm", ""};
constexpr std::string_view log_parts[] = {"-wal", "-shm"};
constexpr std::string_view file_parts[] = {"-journal", ""};

std::string with(const std::string& path, std::string_view part) {
    return std::string(path).append(part);
}

bool any_part_is_there(const std::string& path) {
    std::error_code none;
    for (const auto part : parts) {
        if (fs::exists(fs::symlink_status(with(path, part), none))) return true;
    }
    return false;
}

std::string free_name(const std::string& path, std::string_view why, MoveTime now) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
    std::tm fields{};
    ::gmtime_r(&seconds, &fields);
    char time[32];
    std::strftime(time, sizeof time, time_format, &fields);
    const std::string name = with(path, why) + time;
    std::string aside = name;
    for (int more = 1; any_part_is_there(aside); ++more) aside = name + "-" + std::to_string(more);
    return aside;
}

/// The database that was moved aside less than `pause` before, as its name says. (Or after, by a
/// clock that was wrong.)
std::optional<std::string> moved_lately(const fs::path& path, MoveTime now,
                                        std::chrono::hours pause) {
    const std::string start = with(path.filename(), damaged_infix);
    const fs::path directory = path.has_parent_path() ? path.parent_path() : ".";
    std::error_code error;
    for (fs::directory_iterator file(directory, error), end; !error && file != end;
         file.increment(error)) {
        const std::string name = file->path().filename();
        if (!name.starts_with(start)) continue;
        std::tm fields{};
        const char* const behind = ::strptime(&name[start.size()], time_format, &fields);
        // What was beside it says nothing.
        if (!behind || (*behind == '-' && std::isalpha(static_cast<unsigned char>(behind[1]))))
            continue;
        const auto moved = std::chrono::system_clock::from_time_t(::timegm(&fields));
        if (abs(now - moved) < pause) return name;
    }
    return std::nullopt;
}

/// The failure has no subject yet.
Result<std::string> move_parts(const std::string& path, std::span<const std::string_view> which,
                               std::string_view why, MoveTime now) {
    std::string aside = free_name(path, why, now);
    std::vector<std::string_view> moved;
    for (const auto part : which) {
        if (std::rename(with(path, part).c_str(), with(aside, part).c_str()) == 0) {
            moved.push_back(part);
        } else if (errno != ENOENT) {
            const Failure failure{
                Failure::Kind::unusable,
                "cannot be moved aside: " + std::generic_category().message(errno)};
            for (const auto back : moved) {
                (void)std::rename(with(aside, back).c_str(), with(path, back).c_str());
            }
            return failure;
        }
    }
    return aside;
}

}  // namespace

bool may_have_log(const std::string& path) {
    constexpr std::streamoff write_version = 18;  // in the header
    constexpr char rollback = 1;                  // no log
    std::error_code error;
    const auto bytes = fs::file_size(path, error);
    if (error) return error != std::errc::no_such_file_or_directory;
    if (bytes == 0) return false;
    std::ifstream file(path, std::ios::binary);
    char version = 0;  // what cannot be read may be anything
    file.seekg(write_version).get(version);
    return version != rollback;
}

Result<std::string> move_aside(const std::string& path, MoveTime now) {
    auto aside = move_parts(path, parts, damaged_infix, now);
    if (!aside) return Failure{aside.error().kind, "it " + aside.error().what};
    return aside;
}

std::optional<Failure> put_aside(const DamagedFile& file, MoveTime now, const Tell& tell) {
    if (!any_part_is_there(file.path)) return std::nullopt;
    if (const auto before = moved_lately(file.path, now, file.pause)) {
        // The same words until the pause is over: for the log it is one failure.
        return Failure{Failure::Kind::unusable,
                       std::string(file.why) + ", and it was moved aside within the last " +
                           std::to_string(file.pause.count() * 60) + " minutes (" + *before +
                           "): is the disk broken?"};
    }
    const auto aside = move_aside(file.path, now);
    if (!aside) return aside.error();
    const std::string what = "moved to " + *aside + ", " + std::string(file.next);
    tell({.severity = Severity::error,
          .name = "database_damaged",
          .file = file.path,
          .why = file.why,
          .what = what,
          .moved_to = *aside});
    return std::nullopt;
}

std::optional<Failure> put_foreign_log_aside(const std::string& path, MoveTime now,
                                             const Tell& tell) {
    const std::string log = path + "-wal";
    std::error_code none;
    const auto log_bytes = fs::file_size(log, none);
    if (none || log_bytes == 0 || may_have_log(path)) return std::nullopt;
    const auto aside = move_parts(path, log_parts, log_infix, now);
    if (!aside) {
        return Failure{aside.error().kind,
                       log + " beside it belongs to another database, and " + aside.error().what};
    }
    const std::string what = "moved to " + *aside + "-wal, going on without it";
    tell({.severity = Severity::warning,
          .name = "foreign_log",
          .file = log,
          .why = "the database that it belongs to was replaced",
          .what = what});
    return std::nullopt;
}

std::optional<Failure> put_replacement_aside(const std::string& path, MoveTime now,
                                             const Tell& tell) {
    const auto log = move_parts(path, log_parts, log_infix, now);
    if (!log) return Failure{log.error().kind, path + "-wal beside it " + log.error().what};
    const auto aside = move_parts(path, file_parts, foreign_infix, now);
    if (!aside) {
        return Failure{aside.error().kind,
                       "another file was put in its place, and " + aside.error().what};
    }
    const std::string what = "moved to " + *aside +
                             ", making a new one; to begin with another database stop the node "
                             "before you put that in place";
    tell({.severity = Severity::warning,
          .name = "database_replaced",
          .file = path,
          .why = "another file was put in its place while the node runs",
          .what = what,
          .moved_to = *aside});
    return std::nullopt;
}

}  // namespace clacks::persistence
