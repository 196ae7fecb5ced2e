#include "tests/persistence/node_run.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <fstream>
#include <iterator>
#include <set>
#include <utility>

#include "persistence/block_table.hpp"

namespace clacks::persistence {

Directory::Directory() {
    // In memory if the system has a place for that: these tests make hundreds of databases, and
    // each waits for the disk several times.
    const std::filesystem::path memory = "/dev/shm";
    const auto parent =
        std::filesystem::is_directory(memory) ? memory : std::filesystem::temp_directory_path();
    std::string pattern = parent / "clacks-persistence-XXXXXX";
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
}

Directory::~Directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::string Directory::files() const {
    std::set<std::string> names;
    for (const auto& file : std::filesystem::directory_iterator(path_)) {
        names.insert(file.path().filename());
    }
    std::string text;
    for (const auto& name : names) text += (text.empty() ? "" : " ") + name;
    return text;
}

Tell Told::tell() {
    return [this](const Event& event) {
        static constexpr const char* words[] = {"info", "warning", "error"};
        events.push_back(std::string(words[static_cast<int>(event.severity)]) + ' ' +
                         std::string(event.name));
        whys.emplace_back(event.why);
    };
}

NodeRun::NodeRun(const std::string& database) : database_(database) {
    auto restored = restore({.path = database_}, some_time(), told_.tell());
    if (!restored) FAIL(restored.error().what);
    restored_ = std::move(*restored);
    present_ = restored_.state;
    now_ = std::max(now_, present_.time.time_since_epoch().count() + 1'000'000);
    const auto present = [this](State& state) {
        state.time = cache::at(now_);
        state.ahead = present_.ahead;
        state.time_root = present_.time_root;
        state.positions = present_.positions;
    };
    snapshots_ = std::make_unique<Snapshots>(database_, cache(), begun(), restored_.found, present,
                                             told_.tell());
}

Result<Snapshots::Report> NodeRun::try_save(Snapshots::Perform perform) {
    return snapshots_->save(false, some_time(), std::move(perform));
}

Snapshots::Report NodeRun::save() {
    const auto report = try_save();
    if (!report) FAIL(report.error().what);
    return *report;
}

Snapshots::Report NodeRun::save(const std::function<void()>& meanwhile) {
    bool first = true;
    const auto perform = [&](const Snapshots::Piece& piece, auto, auto) {
        bool has_written = false;
        piece([&](auto done, auto) {
            has_written = done > 0;
            return false;
        });
        if (has_written && std::exchange(first, false)) meanwhile();
    };
    const auto report = snapshots_->save(false, some_time(), perform);
    if (!report) FAIL(report.error().what);
    REQUIRE_FALSE(first);
    return *report;
}

std::optional<Failure> NodeRun::try_tidy() { return snapshots_->tidy(); }

void NodeRun::tidy() {
    if (const auto failure = try_tidy()) FAIL(failure->what);
    REQUIRE_FALSE(snapshots_->wants_tidying());
}

void NodeRun::end() {
    const auto report = snapshots_->save(true, some_time());
    if (!report) FAIL(report.error().what);
    snapshots_.reset();
}

void NodeRun::store(std::string_view key, std::string_view value) {
    cache().lock(key).store(key, value, cache::at(++now_));
}

void NodeRun::store_keys(int count, std::string_view value) {
    for (int i = 0; i < count; ++i) store("key" + std::to_string(i), value);
}

void NodeRun::remove(std::string_view key) { cache().lock(key).remove(key, cache::at(++now_)); }

void NodeRun::increment(std::string_view key) {
    cache().lock(key).add(key, "1", false, cache::at(++now_));
}

std::map<std::string, std::string> entries_in(const std::string& database) {
    auto opened = Database::open(database, Database::Mode::read);
    REQUIRE(opened.has_value());
    std::map<std::string, std::string> entries;
    for (unsigned shard = 0; shard < cache::Cache::shard_count; ++shard) {
        BlockRows rows(*opened, shard);
        auto step = rows.step();
        for (; step == BlockRows::Step::block; step = rows.step()) {
            BlockReader reader(rows.bytes(), true);
            while (const auto record = reader.next()) {
                const std::string key(record->entry.key);
                if (record->is_forgotten) {
                    entries.erase(key);
                } else {
                    entries[key] = record->entry.value;
                }
            }
            REQUIRE_FALSE(reader.failed());
        }
        REQUIRE(step == BlockRows::Step::done);
    }
    return entries;
}

std::size_t records_in(const std::string& database) {
    return static_cast<std::size_t>(number(database, "SELECT sum(records) FROM block"));
}

void forget_all_but(NodeRun& run, std::string_view stays) {
    const auto stale = run.cache().lock(stays).find(stays)->changed;
    for (unsigned shard = 0; shard < cache::Cache::shard_count; ++shard)
        run.cache().lock(shard).clean(stale, cache::at(0), stale, [](auto, auto) {});
}

std::chrono::system_clock::time_point some_time() {
    return std::chrono::system_clock::time_point(std::chrono::hours(24 * 365 * 50));
}

std::string read_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

long long number(const std::string& database, const std::string& sql) {
    auto opened = Database::open(database, Database::Mode::read);
    REQUIRE(opened.has_value());
    auto statement = opened->prepare(sql);
    REQUIRE(statement.step() == Statement::Step::row);
    return statement.integer(0);
}

void alter(const std::string& database, const std::string& sql) {
    auto opened = Database::open(database, Database::Mode::create);
    REQUIRE(opened.has_value());
    const auto failure = opened->run(sql);
    if (failure) FAIL(failure->what);
}

}  // namespace clacks::persistence
