#include "persistence/saver.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <functional>
#include <thread>
#include <utility>

#include "tests/persistence/node_run.hpp"

namespace clacks::persistence {
namespace {

using namespace std::chrono_literals;

/// A saver of a fresh node, of which the tests see the store. Its idle thread has the priority of
/// all others: what it is for would not come about while other tests keep all processors busy.
struct Scene {
    explicit Scene(std::chrono::milliseconds interval = 1h, const std::string& folder = ".",
                   Snapshots::Copy copy = Snapshots::copy_here)
        : database(directory.path() / folder / "clacks.db"),
          restored(*restore({.path = database}, some_time(), told.tell())),
          saver(Snapshots(
                    database, *restored.cache, restored.state, restored.found, [](State&) {},
                    told.tell()),
                interval, told.tell(), std::move(copy), restored.unwritable,
                IdleThread::Priority::usual) {}

    /// Until the saver says so; the test's time limit is the bound.
    template <class Condition>
    void wait(Condition condition) {
        while (!condition(saver.status())) std::this_thread::sleep_for(1ms);
    }
    std::string content_of_file() {
        return cache::content(*restore({.path = database}, some_time(), Told().tell())->cache);
    }

    Directory directory;
    const std::string database;
    Told told;
    Restored restored;
    Saver saver;
};

}  // namespace

TEST_CASE("saver: saves at each interval") {
    Scene scene(1ms);
    cache::store(*scene.restored.cache, "a", "1", 1);
    scene.wait([](const auto& status) { return status.written == 1; });
    cache::store(*scene.restored.cache, "a", "2", 2);
    scene.wait([](const auto& status) { return status.written == 2; });
    CHECK_FALSE(scene.saver.status().failing);
}

TEST_CASE("saver: saves at once when asked to") {
    Scene scene;
    cache::store(*scene.restored.cache, "a", "1", 1);
    scene.saver.save_now();
    scene.wait([](const auto& status) { return status.snapshots == 1; });
    CHECK(scene.content_of_file() == "a 1=1\n");
}

TEST_CASE("saver: a shorter interval takes effect at once") {
    Scene scene;
    scene.saver.set_interval(1ms);
    scene.wait([](const auto& status) { return status.snapshots > 0; });
}

TEST_CASE("saver: saves a last time when it is told that this is the end") {
    Scene scene;
    cache::store(*scene.restored.cache, "a", "1", 1);
    CHECK(scene.saver.finish());
    CHECK(scene.content_of_file() == "a 1=1\n");
}

TEST_CASE("saver: a failure is told once, shown, and over when it is over") {
    Scene scene(1ms);
    scene.wait([](const auto& status) { return status.snapshots > 0; });
    const auto folder = scene.directory.path();
    const auto away = folder.string() + ".away";
    std::filesystem::rename(folder, away);
    scene.wait([](const auto& status) { return status.failed > 5; });
    CHECK(scene.saver.status().failing);
    std::filesystem::rename(away, folder);
    scene.wait([](const auto& status) { return !status.failing.has_value(); });
    CHECK(scene.saver.finish());
    const auto& events = scene.told.events;
    CHECK(events.front() == "error snapshot_failed");
    CHECK(events.size() <= 3);  // the snapshot that was under way may have another reason
    CHECK(events.back() == "info snapshots_succeed_again");
}

TEST_CASE("saver: what could not be written at the start is shown from then on, and told once") {
    Scene scene(1h, "later");
    const std::string why = "there is no directory " + (scene.directory.path() / "later").string();
    CHECK(scene.saver.status().failing == why);
    CHECK(scene.saver.status().failed == 0);
    scene.saver.set_interval(1ms);
    scene.wait([](const auto& status) { return status.failed > 1; });
    CHECK(scene.saver.status().failing == why);
    std::filesystem::create_directory(scene.directory.path() / "later");
    scene.wait([](const auto& status) { return !status.failing.has_value(); });
    CHECK(scene.saver.finish());
    CHECK(scene.told.events ==
          std::vector<std::string>{"error database_not_writable", "info snapshots_succeed_again"});
}

TEST_CASE("saver: what cannot be saved at the end is told, though it has failed before") {
    Scene scene(1ms, "later");
    scene.wait([](const auto& status) { return status.failed > 0; });
    cache::store(*scene.restored.cache, "a", "1", 1);
    CHECK_FALSE(scene.saver.finish());
    CHECK(scene.told.events ==
          std::vector<std::string>{"error database_not_writable", "error store_not_saved"});
}

TEST_CASE("saver: what cannot be saved at the end only is told once") {
    Scene scene(1h, "later");
    cache::store(*scene.restored.cache, "a", "1", 1);
    CHECK_FALSE(scene.saver.finish());
    CHECK(scene.told.events ==
          std::vector<std::string>{"error database_not_writable", "error store_not_saved"});
}

TEST_CASE("saver: what waits for longer than the interval is counted, and told once") {
    Scene scene(50ms);
    scene.wait([](const auto& status) { return status.snapshots > 0; });
    for (int i = 1; i <= 2; ++i) {
        const auto late_before = scene.saver.status().late;
        {
            auto other = Database::open(scene.database, Database::Mode::create);
            REQUIRE(other.has_value());
            REQUIRE_FALSE(other->run("BEGIN IMMEDIATE").has_value());
            cache::store(*scene.restored.cache, "a", "1", i);
            std::this_thread::sleep_for(200ms);
        }
        scene.wait([&](const auto& status) { return status.late > late_before; });
    }
    CHECK(scene.saver.finish());
    CHECK(scene.told.events == std::vector<std::string>{"warning snapshot_late"});
}

TEST_CASE("saver: has the store copied by others, but for what somebody waits for") {
    std::atomic<int> steps{0};
    Scene scene(1h, ".", [&](const std::function<bool()>& step) {
        ++steps;
        step();
        return true;
    });
    cache::store(*scene.restored.cache, "a", "1", 1);
    scene.saver.save_now();
    scene.wait([](const auto& status) { return status.written == 1; });
    CHECK(steps == 0);
    scene.saver.set_interval(2s);
    for (unsigned i = 2; steps == 0; ++i) {  // one for which there is no time left waits for nobody
        cache::store(*scene.restored.cache, "a", std::to_string(i), i);
        scene.wait([i](const auto& status) { return status.written == i; });
    }
}

TEST_CASE("saver: where others do not get on it goes on by itself") {
    std::atomic<int> steps{0};
    Scene scene(2s, ".", [&](const std::function<bool()>& step) {
        ++steps;
        std::this_thread::sleep_for(300ms);
        step();
        return true;
    });
    constexpr unsigned keys = 1000;  // some in each shard
    for (unsigned run = 1; steps == 0; ++run) {
        for (unsigned i = 0; i < keys; ++i)
            cache::store(*scene.restored.cache, std::to_string(i), "1", run * keys + i);
        scene.wait([run](const auto& status) { return status.written >= run * keys; });
    }
    CHECK(steps < 10);
}

TEST_CASE("saver: what nobody copies it copies by itself") {
    std::atomic<int> steps{0};
    Scene scene(2s, ".", [&](const std::function<bool()>&) {
        ++steps;
        return false;
    });
    for (unsigned i = 1; steps == 0; ++i) {
        cache::store(*scene.restored.cache, "a", std::to_string(i), i);
        scene.wait([i](const auto& status) { return status.written == i; });
    }
    CHECK(scene.content_of_file() == cache::content(*scene.restored.cache));
}

TEST_CASE("saver: what others store, remove and count meanwhile is all in the file at the end") {
    Scene scene(1ms);
    std::atomic<bool> done{false};
    std::vector<std::thread> writers;
    for (int w = 0; w < 2; ++w) {
        writers.emplace_back([&, w] {
            for (long i = 1; i < 20'000; ++i) {
                const std::string key = std::to_string(w) + "-" + std::to_string(i % 700);
                auto shard = scene.restored.cache->lock(key);
                if (i % 5 == 0)
                    shard.remove(key, cache::at(i));
                else if (i % 7 == 0)
                    shard.add(key, "1", false, cache::at(i));
                else
                    shard.store(key, std::to_string(i), cache::at(i));
            }
        });
    }
    for (auto& writer : writers) writer.join();
    done = true;
    CHECK(scene.saver.finish());
    CHECK(scene.content_of_file() == cache::content(*scene.restored.cache));
}

}  // namespace clacks::persistence
