// What counts no more goes out of the file after a snapshot, as far as there is time and room.
#include <doctest/doctest.h>

#include <atomic>
#include <optional>
#include <thread>

#include "persistence/saver.hpp"
#include "tests/persistence/full_disk.hpp"
#include "tests/persistence/node_run.hpp"

namespace clacks::persistence {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

/// The blocks of the first generation, of a file in which all has been written anew.
long long outdated_in(const std::string& database) {
    return number(database, "SELECT count(*) FROM block WHERE (id & 0xffffffffffff) < 1048576");
}

/// As if a shard that is written anew next had so many small blocks more.
void add_small_blocks(const std::string& database, int count) {
    alter(
        database,
        "WITH RECURSIVE number(id) AS (SELECT 1000 UNION ALL SELECT id + 1 FROM number LIMIT " +
            std::to_string(count) +
            ") INSERT INTO block (id, records, checksum, bytes) SELECT id, 0, 0, x'' FROM number");
}

std::uintmax_t log_bytes(const std::string& database) { return fs::file_size(database + "-wal"); }

/// A saver of a node in whose file there is much that counts no more.
struct UntidyScene {
    explicit UntidyScene(int small_blocks) {
        for (int i = 0; i < 1000; ++i) store("key" + std::to_string(i));
        Snapshots snapshots(
            database, *restored.cache, restored.state, restored.found, [](State&) {}, told.tell());
        REQUIRE(snapshots.save(false, some_time()).has_value());
        add_small_blocks(database, small_blocks);
        restored.cache->shift(1h, [] {});
        REQUIRE(snapshots.save(false, some_time()).has_value());
        outdated = outdated_in(database);
        saver.emplace(std::move(snapshots), 1h, [this, tell = told.tell()](const Event& event) {
            if (event.name == "snapshot_made") {
                ++made;
            } else {
                tell(event);
            }
        });
    }

    void store(const std::string& key) { cache::store(*restored.cache, key, "v", ++now); }
    /// The test's time limit is the bound.
    template <class Condition>
    void wait(Condition condition) {
        while (!condition()) std::this_thread::sleep_for(1ms);
    }
    std::string content_of_file() const {
        return cache::content(*restore({.path = database}, some_time(), Told().tell())->cache);
    }

    const Directory directory;
    const std::string database = directory.database();
    Told told;  ///< of what the saver does while there is one
    long now = 0;
    Restored restored = *restore({.path = database}, some_time(), told.tell());
    long long outdated = 0;    ///< blocks, at the beginning
    std::atomic<int> made{0};  ///< snapshots that were asked for
    std::optional<Saver> saver;
};

}  // namespace

TEST_CASE("tidying: what has no room to be removed stays, and goes when there is room") {
    const Directory directory;
    const std::string database = directory.database();
    std::string content;
    {
        NodeRun run(database);
        run.store_keys(1000);
        run.save();
        run.cache().shift(1h, [] {});
        run.save();
        const auto outdated = outdated_in(database);
        std::optional<Failure> at_once;
        std::optional<Failure> later;
        {
            const FullDisk full(0);
            at_once = run.try_tidy();
        }
        REQUIRE(at_once);
        CHECK(at_once->kind == Failure::Kind::unusable);
        CHECK(outdated_in(database) == outdated);
        {
            const FullDisk full(log_bytes(database) + 1'000'000);
            later = run.try_tidy();
        }
        REQUIRE(later);
        CHECK(later->kind == Failure::Kind::unusable);
        CHECK(outdated_in(database) < outdated);
        CHECK(outdated_in(database) > 0);
        CHECK(entries_in(database).size() == 1000);

        run.store("another", "1");
        CHECK(run.save().written == 1);
        run.tidy();
        CHECK(outdated_in(database) == 0);
        CHECK(run.told().events.empty());
        content = run.content();
    }
    CHECK(NodeRun(database).content() == content);
}

TEST_CASE("tidying: a log for which the file has no room stays, and is taken over later") {
    const Directory directory;
    const std::string database = directory.database();
    NodeRun run(database);
    run.store_keys(8000, std::string(1000, 'v'));
    run.save();
    const auto file_bytes = fs::file_size(database);
    std::optional<Failure> failure;
    {
        const FullDisk full(file_bytes);
        failure = run.try_tidy();
    }
    REQUIRE(failure);
    CHECK(failure->kind == Failure::Kind::unusable);
    CHECK(fs::file_size(database) == file_bytes);
    CHECK(entries_in(database).size() == 8000);
    run.tidy();
    CHECK(fs::file_size(database) > file_bytes + 8'000'000);
    const std::string content = run.content();
    CHECK((NodeRun(database).content() == content));  // too much to be shown
}

TEST_CASE("tidying: very many small blocks that are removed do not fill the disk with the log") {
    const Directory directory;
    const std::string database = directory.database();
    NodeRun run(database);
    run.store_keys(1000);
    run.save();
    add_small_blocks(database, 50'000);
    run.cache().shift(1h, [] {});
    run.save();
    run.tidy();
    CHECK(outdated_in(database) == 0);
    CHECK(log_bytes(database) < 64'000'000);  // the file is as long as the log has ever been
}

TEST_CASE("tidying: that there is no room for it is told, and that there is again") {
    UntidyScene scene(0);
    {
        const FullDisk full(0);
        scene.saver->save_now();
        scene.wait([&] { return scene.saver->status().failing.has_value(); });
    }
    CHECK(outdated_in(scene.database) == scene.outdated);
    scene.saver->save_now();
    scene.wait([&] { return !scene.saver->status().failing.has_value(); });
    scene.saver.reset();
    CHECK(outdated_in(scene.database) < scene.outdated);
    CHECK(scene.told.events ==
          std::vector<std::string>{"error snapshot_failed", "info snapshots_succeed_again"});
}

TEST_CASE("tidying: behind a snapshot that was asked for only a little is removed") {
    UntidyScene scene(1000);
    scene.store("another");
    scene.saver->save_now();
    scene.wait([&] { return scene.made == 1; });
    scene.saver.reset();  // when it has removed that
    CHECK(outdated_in(scene.database) == scene.outdated - 128);
    CHECK(scene.content_of_file() == cache::content(*scene.restored.cache));
}

TEST_CASE("tidying: a snapshot that is asked for meanwhile comes first, and is complete") {
    bool was_first = false;
    for (int i = 0; !was_first && i < 20; ++i) {  // on a busy machine we come late
        UntidyScene scene(30'000);
        scene.saver->set_interval(2s);
        scene.wait([&] { return outdated_in(scene.database) < scene.outdated; });
        scene.saver->set_interval(1h);  // for which there is time, then
        scene.store("another");
        scene.saver->save_now();
        scene.wait([&] { return scene.made == 1; });
        was_first = outdated_in(scene.database) > 0;
        CHECK(scene.content_of_file() == cache::content(*scene.restored.cache));
    }
    CHECK(was_first);
}

}  // namespace clacks::persistence
