#pragma once

#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "persistence/backup.hpp"
#include "tests/persistence/full_disk.hpp"
#include "tests/persistence/node_run.hpp"

namespace clacks::persistence {

namespace fs = std::filesystem;
using Events = std::vector<std::string>;

/// What is behind the name of a file that was moved aside, and of its log.
inline const std::string damaged = ".damaged-20191220T000000Z";
inline const std::string foreign = ".foreign-20191220T000000Z";
inline const std::string log_aside = ".replaced-20191220T000000Z-wal";

/// A node that runs, with "a" in its database, and then "b" in its store.
struct KeptNode {
    KeptNode() {
        run.store("a", "1");
        run.save();
        backup_with_a = directory.path() / "backup";
        REQUIRE(backup({database, backup_with_a}, [](auto, auto) {}).has_value());
        run.store("b", "1");
    }

    /// The system's clock is too coarse to tell two moments of a test.
    void mark_as_written() const {
        fs::last_write_time(database, fs::last_write_time(database) + std::chrono::seconds(1));
    }
    void overwrite(std::streamoff at = 0) const {
        constexpr std::size_t bytes = 60'000;
        std::fstream file(database, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(at).write(std::string(bytes, 'x').data(), bytes);
        REQUIRE(file.flush());
        file.close();
        mark_as_written();
    }
    /// Over the file that is there.
    void copy_backup() const {
        fs::copy_file(backup_with_a, database, fs::copy_options::overwrite_existing);
        mark_as_written();
    }
    /// It has been taken over into the file, and the node has seen to that.
    void take_log_over() {
        alter(database, "PRAGMA wal_checkpoint(TRUNCATE)");
        run.save();
    }
    void fail_to_save() {
        const FullDisk full(0);
        REQUIRE(run.try_save().has_error());
    }
    void fail_to_save_anything() {
        run.store("c", std::string(1'000'000, 'v'));
        fail_to_save();
    }
    /// What has been told since.
    Events events() const { return run.told().events; }
    /// The node saves, and a start would find all of it.
    void check_saved() {
        run.store("c", "1");
        run.save();
        CHECK(NodeRun(database).content() == run.content());
    }

    const Directory directory;
    const std::string database = directory.database();
    NodeRun run{database};
    std::string backup_with_a;
};

}  // namespace clacks::persistence
