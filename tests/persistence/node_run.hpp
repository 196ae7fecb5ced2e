#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "persistence/restore.hpp"
#include "persistence/snapshots.hpp"
#include "tests/cache/state.hpp"

namespace clacks::persistence {

/// A directory that goes away with it.
class Directory {
public:
    Directory();
    ~Directory();
    Directory(const Directory&) = delete;
    Directory& operator=(const Directory&) = delete;

    const std::filesystem::path& path() const { return path_; }
    std::string database() const { return path_ / "clacks.db"; }
    /// The names of the files in it, sorted: "a b c".
    std::string files() const;

private:
    std::filesystem::path path_;
};

/// What happened, for a test to look at.
struct Told {
    std::vector<std::string> events;  ///< "error database_damaged"
    std::vector<std::string> whys;
    Tell tell();
};

/// One run of a node as far as its database can see: it is restored, changes, and is saved. Without
/// a clean end() it is as if it had been killed.
class NodeRun {
public:
    /// Restores; requires that this succeeds.
    explicit NodeRun(const std::string& database);

    cache::Cache& cache() { return *restored_.cache; }
    const State& begun() const { return restored_.state; }
    const std::string& unwritable() const { return restored_.unwritable; }
    const Told& told() const { return told_; }
    /// What present() will say of the node.
    State& present() { return present_; }

    Result<Snapshots::Report> try_save(Snapshots::Perform perform = Snapshots::perform_here);
    /// Saves; requires that this succeeds.
    Snapshots::Report save();
    /// The same, and does `meanwhile` once, after the first piece of it.
    Snapshots::Report save(const std::function<void()>& meanwhile);
    /// As after each snapshot of a node, whenever there is time for it.
    void tidy();
    std::optional<Failure> try_tidy();
    void end();

    void store(std::string_view key, std::string_view value);
    /// "key0" and so on.
    void store_keys(int count, std::string_view value = "v");
    void remove(std::string_view key);
    void increment(std::string_view key);
    std::string content() { return cache::content(cache()); }

private:
    const std::string database_;
    Told told_;
    Restored restored_;
    State present_;
    long now_ = 1'000'000;
    std::unique_ptr<Snapshots> snapshots_;
};

/// Lets the store forget all entries but one, as if nobody had looked at them for too long.
void forget_all_but(NodeRun& run, std::string_view stays);

/// A moment for everything that asks for one.
std::chrono::system_clock::time_point some_time();

/// What a database has, as a start would find it: the values by their keys.
std::map<std::string, std::string> entries_in(const std::string& database);
/// How often it says something of an entry.
std::size_t records_in(const std::string& database);

/// The bytes of a file.
std::string read_file(const std::filesystem::path& path);

/// Reads one number from a database: what `sql` selects.
long long number(const std::string& database, const std::string& sql);
/// Changes a database behind the node's back.
void alter(const std::string& database, const std::string& sql);

}  // namespace clacks::persistence
