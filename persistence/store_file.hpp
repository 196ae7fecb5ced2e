#pragma once

#include <optional>
#include <string>

#include "persistence/database.hpp"
#include "persistence/state.hpp"

namespace clacks::persistence {

/// The database of a node: its schema, and the node's state in it.
///
///     meta      name, value         who the node is, up to where its changes are in here; checksum
///     position  node, sequence      what it has of others
///     block     see block_table.hpp what has become of each entry, tombstones included
///
/// Whatever is found in it that was not written by us, byte by byte, is Failure::Kind::damaged: the
/// checksum of each block finds what has changed, and their number what is missing.
class StoreFile {
public:
    /// Opens it, creates it if there is none, and migrates what an older version has left.
    /// `leaves_log`: see leave_log().
    static Result<StoreFile> open(const std::string& path, bool leaves_log = false);
    /// Opens it where nothing can be written: in a directory, or on a disk, that is read only.
    static Result<StoreFile> open_immutable(const std::string& path);

    /// Takes a database that is open, and of which nobody else knows.
    static Result<StoreFile> take(std::string path, Database database);

    /// Nothing if the file is new.
    Result<std::optional<State>> read_state();
    /// Whether it was saved by the node whose state it has, in this place.
    bool copied() const { return copied_; }
    /// Part of the transaction that is open.
    bool write_state(const State& state);
    /// The same, and whoever begins with this file finds it copied(), wherever it then is.
    bool write_copied_state(const State& state);

    /// Whether the structure of the file is whole. Reads it once, takes as long as load().
    static std::optional<Failure> check(Database& database);

    Database& database() { return database_; }
    const std::string& path() const { return path_; }
    /// When it is closed its log is left beside it, and not taken over.
    void leave_log(bool leave) { database_.leave_log(leave); }

private:
    StoreFile(std::string path, Database database);
    std::optional<Failure> prepare();
    std::optional<Failure> create();
    std::optional<Failure> check_owner();
    std::optional<Failure> check_format();
    std::optional<Failure> migrate();
    std::optional<Failure> count_blocks();
    std::optional<Failure> check_schema();
    bool write_state(const State& state, const std::string& place);

    std::string path_;
    Database database_;
    std::string identity_;
    bool copied_ = false;
};

}  // namespace clacks::persistence
