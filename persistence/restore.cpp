#include "persistence/restore.hpp"

#include <cstdio>
#include <filesystem>
#include <random>
#include <utility>

#include "persistence/loading.hpp"
#include "persistence/moving_aside.hpp"
#include "persistence/store_file.hpp"

namespace clacks::persistence {
namespace {

using cache::Cache;
using cache::WallTime;

/// No run makes so many changes. What was numbered after the last snapshot, and is lost here,
/// others may have seen: those numbers are not used again.
constexpr cache::Sequence most_changes_of_a_run = cache::Sequence{1} << 40U;

std::uint64_t random_number() {
    std::random_device random;
    return std::uint64_t{random()} << 32U | random();
}

/// No two nodes of a tree have the same.
std::string random_id() {
    char text[17];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(random_number()));
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

/// The state with which this run begins goes into the file before anybody hears of us.
std::optional<Failure> write_beginning(StoreFile& file, const State& state) {
    if (auto failure = file.database().run("BEGIN IMMEDIATE")) return failure;
    if (file.write_state(state)) return file.database().run("COMMIT");
    const auto failure = file.database().failure();
    (void)file.database().run("ROLLBACK");
    return failure;
}

void tell_unwritable(const std::string& path, const std::string& why, const Tell& tell) {
    tell({.severity = Severity::error,
          .name = "database_not_writable",
          .file = path,
          .why = why,
          .what = "serving without saving; trying again at each interval"});
}

/// Somebody else from now on, with the same content.
void renew(State& state) {
    state.id = random_id();
    state.writer = random_number();
}

Result<Restored> read(const std::string& path, std::chrono::system_clock::time_point now,
                      const Tell& tell) {
    auto opened = open_somehow(path);
    if (!opened) return opened.error();
    StoreFile& file = opened->file;
    auto read = file.read_state();
    if (!read) return read.error();
    Restored result = without_past();
    if (*read) {
        result.state = **read;
        result.found_id = result.state.id;
        if (!result.state.ended) result.state.writer = random_number();
        if (file.copied()) {
            renew(result.state);
            tell({.severity = Severity::warning,
                  .name = "database_copied",
                  .file = path,
                  .what = "not where it was saved: going on with its content as a new node"});
        }
        result.cache = std::make_unique<Cache>(result.state.hash_key, result.state.writer);
        result.cache->merge_clear(result.state.cleared);
        result.cache->reserve(result.state.entries);
        const auto wall = std::chrono::floor<std::chrono::microseconds>(now);
        const WallTime present = std::max(WallTime(wall + result.state.ahead), result.state.time);
        if (auto failure = load(path, opened->mode, *result.cache, present)) return *failure;
        result.state.sequence += most_changes_of_a_run;
    }
    result.state.ended = false;
    if (auto failure = write_beginning(file, result.state)) {
        renew(result.state);
        result.cache->set_node(result.state.writer);
        tell_unwritable(path, failure->what, tell);
    }
    result.cache->restored(result.state.sequence);
    return result;
}

}  // namespace

Restored without_past() {
    Restored result;
    renew(result.state);
    result.state.hash_key = cache::random_hash_key();
    result.cache = std::make_unique<Cache>(result.state.hash_key, result.state.writer);
    return result;
}

Result<Restored> restore(const std::string& path, std::chrono::system_clock::time_point now,
                         const Tell& tell) {
    auto result = read(path, now, tell);
    if (result) return result;
    const Failure& why = result.error();
    if (why.kind == Failure::Kind::damaged) {
        const auto aside = move_aside(path, now);
        if (!aside) return aside.error();
        tell({.severity = Severity::error,
              .name = "database_damaged",
              .file = path,
              .why = why.what,
              .what = "moved to " + *aside + ", starting empty"});
        return read(path, now, tell);
    }
    if (why.kind == Failure::Kind::unusable && !is_there(path)) {
        tell_unwritable(path, why.what, tell);
        return without_past();
    }
    return result;
}

}  // namespace clacks::persistence
