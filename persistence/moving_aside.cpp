#include "persistence/moving_aside.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <system_error>
#include <vector>

namespace clacks::persistence {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view damaged_infix = ".damaged-";
constexpr std::string_view foreign_infix = ".foreign-";
constexpr std::string_view log_infix = ".replaced-";
/// Each is a file as large as the store.
constexpr unsigned most_in_a_pause = 3;
constexpr const char* time_format = "%Y%m%dT%H%M%SZ";

/// The log first: the file alone would be an older state of it.
constexpr std::string_view parts[] = {"-wal", "-journal", "-shm", ""};
constexpr std::string_view log_parts[] = {"-wal", "-shm"};
constexpr std::string_view file_parts[] = {"-journal", ""};

std::string with(const std::string& path, std::string_view part) {
    return std::string(path).append(part);
}

bool is_there(const std::string& path) {
    std::error_code none;
    return fs::exists(fs::symlink_status(path, none));
}

bool any_part_is_there(const std::string& path) {
    return std::any_of(std::begin(parts), std::end(parts),
                       [&](auto part) { return is_there(with(path, part)); });
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

/// The databases that were moved aside less than `pause` before, as their names say. (Or after, by
/// a clock that was wrong.)
struct Lately {
    unsigned number = 0;
    std::string last;
};

bool is_moved_database(std::string_view name, std::string_view database) {
    const auto is_beside_one = [&](auto part) { return !part.empty() && name.ends_with(part); };
    return name.starts_with(database) &&
           std::none_of(std::begin(parts), std::end(parts), is_beside_one);
}

Lately moved_lately(const fs::path& path, MoveTime now, std::chrono::hours pause) {
    const fs::path directory = path.has_parent_path() ? path.parent_path() : ".";
    Lately lately;
    std::error_code error;
    for (fs::directory_iterator file(directory, error), end; !error && file != end;
         file.increment(error)) {
        const std::string name = file->path().filename();
        for (const auto infix : {damaged_infix, foreign_infix}) {
            const std::string start = with(path.filename(), infix);
            std::tm fields{};
            if (!is_moved_database(name, start) ||
                ::strptime(&name[start.size()], time_format, &fields) == nullptr)
                continue;
            const auto moved = std::chrono::system_clock::from_time_t(::timegm(&fields));
            if (abs(now - moved) >= pause) continue;
            ++lately.number;
            lately.last = std::max(lately.last, name);
        }
    }
    return lately;
}

/// Of a log that is not there: as long as somebody reads, SQLite would believe it.
void remove_index(const std::string& path) { (void)std::remove((path + "-shm").c_str()); }

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

std::optional<Failure> put_aside(const UnwantedFile& file, MoveTime now, const Tell& tell) {
    if (!any_part_is_there(file.path)) return std::nullopt;
    if (file.pause != file.pause.zero()) {
        const auto lately = moved_lately(file.path, now, file.pause);
        // The same words until the pause is over: for the log it is one failure.
        if (lately.number >= most_in_a_pause) {
            return Failure{Failure::Kind::unusable,
                           std::string(file.why) + ", and " + std::to_string(most_in_a_pause) +
                               " were moved aside within the last " +
                               std::to_string(file.pause.count() * 60) +
                               " minutes (the last: " + lately.last +
                               "): is the disk broken, or does another program write there?"};
        }
    }
    const auto infix = file.is_ours ? damaged_infix : foreign_infix;
    const auto aside = file.has_log ? move_parts(file.path, parts, infix, now)
                                    : move_parts(file.path, file_parts, infix, now);
    if (!aside) return Failure{aside.error().kind, "it " + aside.error().what};
    std::string what = "moved to " + *aside;
    if (!file.has_log && !is_there(file.path + "-wal")) {
        remove_index(file.path);
    } else if (!file.has_log) {
        const auto log = move_parts(file.path, log_parts, log_infix, now);
        if (!log) {
            for (const auto part : file_parts)
                (void)std::rename(with(*aside, part).c_str(), with(file.path, part).c_str());
            return Failure{log.error().kind, "the log beside it " + log.error().what};
        }
        what += " (the log that was beside it to " + *log + "-wal)";
    }
    what.append(", ").append(file.next);
    tell({.severity = file.is_ours ? Severity::error : Severity::warning,
          .name = file.is_ours ? "database_damaged" : "database_replaced",
          .file = file.path,
          .why = file.why,
          .what = what,
          .moved_to = *aside});
    return std::nullopt;
}

std::optional<Failure> put_foreign_log_aside(const std::string& path, MoveTime now,
                                             const Tell& tell, bool is_known) {
    const std::string log = path + "-wal";
    std::error_code none;
    if (!is_known && (fs::file_size(log, none) == 0 || none || may_have_log(path)))
        return std::nullopt;
    if (!is_there(log)) {
        remove_index(path);
        return std::nullopt;
    }
    const auto aside = move_parts(path, log_parts, log_infix, now);
    if (!aside) {
        return Failure{aside.error().kind,
                       log + " beside it belongs to another database, and " + aside.error().what};
    }
    const std::string what = "moved to " + *aside + "-wal, going on without it";
    tell({.severity = Severity::warning,
          .name = "foreign_log",
          .file = log,
          .why = "it does not belong to what stands there",
          .what = what});
    return std::nullopt;
}

}  // namespace clacks::persistence
