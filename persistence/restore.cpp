#include "persistence/restore.hpp"

#include <cstdio>
#include <filesystem>
#include <random>
#include <utility>

#include "persistence/loading.hpp"
#include "persistence/moving_aside.hpp"
#include "persistence/obstacle.hpp"
#include "persistence/store_file.hpp"

namespace clacks::persistence {
namespace {

using cache::Cache;
using cache::WallTime;

/// No run makes so many changes. What was numbered after the last snapshot, and is lost here,
/// others may have seen: those numbers are not used again.
constexpr cache::Sequence most_changes_of_a_run = cache::Sequence{1} << 40U;

/// No two nodes of a tree have the same.
std::string random_id(const Random& random) {
    char text[17];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(random()));
    return text;
}

bool is_there(const std::string& path) {
    std::error_code ignored;
    return std::filesystem::exists(path, ignored);
}

/// The file, opened as far as the system lets us.
struct Opened {
    StoreFile file;
    Database::Mode mode;
};

Result<Opened> open_somehow(const std::string& path) {
    auto file = StoreFile::open(path);
    if (file) return Opened{std::move(*file), Database::Mode::read};
    std::error_code none;
    const auto log_bytes = std::filesystem::file_size(path + "-wal", none);
    const bool logged = !none && log_bytes > 0;
    if (file.error().kind != Failure::Kind::unusable || !is_there(path) || logged) {
        return file.error();
    }
    auto immutable = StoreFile::open_immutable(path);
    if (!immutable) return immutable.error();
    return Opened{std::move(*immutable), Database::Mode::immutable};
}

/// The state with which this run begins goes into the file before anybody hears of us, but not
/// before it is known to be whole: commit() follows.
std::optional<Failure> write_beginning(StoreFile& file, const State& state) {
    if (auto failure = file.database().run("BEGIN IMMEDIATE")) return failure;
    if (file.write_state(state)) return std::nullopt;
    return file.database().failure();
}

constexpr const char* beginning_empty =
    "starting empty; what its tree does not have a backup has: stop the node to put it in place";

/// Returns why, in the words of the snapshots: SQLite names what it tried last.
std::string tell_unwritable(const std::string& path, const std::string& why, const Tell& tell) {
    auto obstacle = obstacle_to_writing(path);
    if (obstacle.empty()) obstacle = why;
    tell({.severity = Severity::error,
          .name = "database_not_writable",
          .file = path,
          .why = obstacle,
          .what = "serving without saving; trying again at each interval"});
    return obstacle;
}

/// Somebody else from now on, with the same content.
void renew(State& state, const Random& random) {
    state.id = random_id(random);
    state.writer = random();
}

Result<Restored> read(const RestoreSettings& settings, std::chrono::system_clock::time_point now,
                      const Tell& tell, bool writable = true) {
    const std::string& path = settings.path;
    const Random& random = settings.random;
    auto opened = open_somehow(path);
    if (!opened) return opened.error();
    StoreFile& file = opened->file;
    auto found = file.read_state();
    if (!found) return found.error();
    Restored result = without_past(random);
    State& state = result.state;
    bool goes_on = false;
    if (*found) {
        state = std::move(**found);
        result.found.id = state.id;
        state.sequence += most_changes_of_a_run;
        goes_on = std::exchange(state.ended, false);
        if (!goes_on) state.writer = random();
        if (file.copied()) {
            goes_on = false;
            renew(state, random);
            tell({.severity = Severity::warning,
                  .name = "database_copied",
                  .file = path,
                  .what = "not where it was saved: going on with its content as a new node"});
        }
    }
    std::optional<Failure> obstacle;
    if (writable) obstacle = write_beginning(file, state);
    if (!writable || obstacle) {
        goes_on = false;
        renew(state, random);
    }
    if (obstacle) result.unwritable = tell_unwritable(path, obstacle->what, tell);

    result.cache = std::make_unique<Cache>(state.hash_key, state.writer);
    result.cache->set_budget(settings.memory, /*evicts=*/true);
    result.cache->merge_clear(state.cleared);
    result.cache->reserve(state.entries);
    const auto wall = std::chrono::floor<std::chrono::microseconds>(now);
    const LoadSettings load_settings{.path = path,
                                     .mode = opened->mode,
                                     .now = std::max(WallTime(wall + state.ahead), state.time),
                                     .goes_on = goes_on,
                                     .blocks = state.blocks};
    if (auto failure = load(load_settings, *result.cache)) return *failure;
    if (writable && !obstacle) {
        if (auto failure = file.database().run("COMMIT")) {
            auto why = tell_unwritable(path, failure->what, tell);
            auto again = read(settings, now, tell, false);
            if (again) again->unwritable = std::move(why);
            return again;
        }
    }
    result.cache->restored(state.sequence, state.last_forgotten);
    return result;
}

Result<Restored> read_or_begin(const RestoreSettings& settings,
                               std::chrono::system_clock::time_point now, const Tell& tell) {
    const std::string& path = settings.path;
    if (const auto failure = put_foreign_log_aside(path, now, tell)) return *failure;
    std::error_code none;
    if (std::filesystem::file_size(path, none) == 0 && !none) {
        tell({.severity = Severity::warning,
              .name = "database_empty",
              .file = path,
              .what = "nothing is left in it; starting empty"});
    }
    auto result = read(settings, now, tell);
    if (result) return result;
    const Failure& why = result.error();
    if (why.kind == Failure::Kind::damaged) {
        const UnwantedFile file{.path = path, .why = why.what, .next = beginning_empty};
        if (const auto failure = put_aside(file, now, tell)) return *failure;
        return read(settings, now, tell);
    }
    if (why.kind == Failure::Kind::unusable && !is_there(path)) {
        Restored empty = without_past(settings.random);
        empty.unwritable = tell_unwritable(path, why.what, tell);
        return empty;
    }
    return result;
}

}  // namespace

std::uint64_t random_number() {
    std::random_device random;
    return std::uint64_t{random()} << 32U | random();
}

Restored without_past(const Random& random) {
    Restored result;
    renew(result.state, random);
    result.state.hash_key = {.low = random(), .high = random()};
    result.cache = std::make_unique<Cache>(result.state.hash_key, result.state.writer);
    return result;
}

Result<Restored> restore(const RestoreSettings& settings, std::chrono::system_clock::time_point now,
                         const Tell& tell) {
    auto result = read_or_begin(settings, now, tell);
    if (!result) return result;
    // Now that it is closed again.
    if (const auto stamp = stamp_of(settings.path)) result->found.stamp = *stamp;
    if (const auto log = stamp_of(settings.path + "-wal")) result->found.log = *log;
    return result;
}

}  // namespace clacks::persistence
