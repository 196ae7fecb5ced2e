// What there is of a shard is written anew, when that is worth it or has to be.
#include "persistence/snapshots.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <thread>

#include "tests/persistence/node_run.hpp"

namespace clacks::persistence {

using cache::at;

namespace {

/// Their first four bytes are the number of the next one (Database File Format, 1.6).
void break_overflow_pages(const std::string& database) {
    const auto page_bytes = number(database, "PRAGMA page_size");
    auto opened = Database::open(database, Database::Mode::read);
    REQUIRE(opened.has_value());
    auto row = opened->prepare("SELECT pageno FROM dbstat WHERE pagetype = 'overflow'");
    std::fstream file(database, std::ios::in | std::ios::out | std::ios::binary);
    while (row.step() == Statement::Step::row)
        file.seekp((row.integer(0) - 1) * page_bytes).write("\xff\xff\xff\xff", 4);
    REQUIRE(file.flush());
}

/// By a disk that fails: no time says so.
template <class Action>
void unnoticed(const std::string& file, Action&& action) {
    const auto modified = std::filesystem::last_write_time(file);
    action();
    std::filesystem::last_write_time(file, modified);
}

}  // namespace

TEST_CASE("snapshot: times that have moved are all written again") {
    const Directory directory;
    std::string before;
    {
        NodeRun run(directory.database());
        run.store_keys(100);
        run.save();
        run.cache().shift(std::chrono::hours(1), [] {});
        CHECK(run.save().written == 100);
        before = run.content();
    }
    CHECK(NodeRun(directory.database()).content() == before);
}

TEST_CASE("snapshot: what is written again and again does not fill the disk") {
    const Directory directory;
    const auto blocks_bytes = [&] {
        return number(directory.database(), "SELECT sum(length(bytes)) FROM block");
    };
    constexpr int keys = 2000;
    const std::string value(1000, 'v');
    std::string content;
    std::uint64_t written = 0;
    {
        NodeRun run(directory.database());
        run.store_keys(keys, value);
        run.save();
        const auto once = blocks_bytes();
        constexpr int rounds = 40;
        for (int round = 0; round < rounds; ++round) {
            for (int i = 0; i < keys; i += 2)
                run.store("key" + std::to_string(i), value + std::to_string(round));
            written += run.save().written;
            run.tidy();
            REQUIRE(blocks_bytes() < 4 * once);
        }
        // Twenty times as much has changed as there is; not much more has been written.
        CHECK(written < 3 * rounds * keys / 2);
        content = run.content();
    }
    CHECK(NodeRun(directory.database()).content() == content);
}

TEST_CASE("snapshot: what is damaged of what counts no more is found, and all is written anew") {
    const Directory directory;
    std::string content;
    {
        NodeRun run(directory.database());
        run.store_keys(8000, std::string(1000, 'v'));  // more than SQLite keeps in memory
        run.save();
        alter(directory.database(), "PRAGMA wal_checkpoint(TRUNCATE)");
        run.save();
        unnoticed(directory.database(), [&] { break_overflow_pages(directory.database()); });
        run.cache().shift(std::chrono::hours(1), [] {});
        run.save();
        const auto failure = run.try_tidy();
        REQUIRE(failure);
        CHECK(failure->kind == Failure::Kind::damaged);
        run.save();
        CHECK(run.told().events == std::vector<std::string>{"error database_damaged"});
        run.tidy();
        content = run.content();
    }
    NodeRun again(directory.database());
    CHECK(again.told().events.empty());
    CHECK(again.content() == content);
}

TEST_CASE("snapshot: a large entry that stays is not written again for a small one that changes") {
    const Directory directory;
    NodeRun run(directory.database());
    run.store("large", std::string(1'000'000, 'v'));
    std::string small = "small";
    while (run.cache().shard_of(small) != run.cache().shard_of("large")) small += 's';
    for (int i = 0; i < 1000; ++i) {
        run.store(small, std::to_string(i));
        run.save();
    }
    CHECK(run.content().ends_with("=999\n"));
    CHECK(number(directory.database(), "SELECT count(*) FROM block") == 1001);
}

TEST_CASE("snapshot: what changes while its shard is written anew is in it") {
    const Directory directory;
    const std::string value(5000, 'v');
    std::string content;
    {
        NodeRun run(directory.database());
        std::jthread writer([&](const std::stop_token& stop) {
            for (long i = 1; !stop.stop_requested(); ++i) {
                const std::string key = "key" + std::to_string(i % 300);
                auto shard = run.cache().lock(key);
                if (i % 7 == 0) {
                    shard.remove(key, at(i));
                } else {
                    shard.store(key, value + std::to_string(i), at(i));
                }
                if (i % 11 == 0) shard.clean(at(i), at(i - 50), at(i - 250), [](auto, auto) {});
            }
        });
        const auto all_written_anew = [&] {
            return number(directory.database(), "SELECT min(id & 0xffffffff) FROM block") > 0;
        };
        for (int saves = 0; saves < 100 || !all_written_anew(); ++saves) {
            run.save();
            if (saves % 3 == 0) run.tidy();
        }
        writer.request_stop();
        writer.join();
        run.save();
        content = run.content();
    }
    CHECK(NodeRun(directory.database()).content() == content);
}

TEST_CASE("snapshot: a counter that many have counted does not make a shard be written anew") {
    const Directory directory;
    NodeRun run(directory.database());
    cache::Counter counter;
    counter.expires_set = at(1);
    for (unsigned i = 1; i <= 4000; ++i) {
        counter.contributions.push_back(
            {.id = i, .started = at(10), .changed = at(20), .count = 1, .sum = "1"});
    }
    auto counted = cache::living("counted", "4000", 20);
    counted.counter = &counter;
    cache::merge(run.cache(), counted);
    std::string other = "other";
    while (run.cache().shard_of(other) != run.cache().shard_of("counted")) other += '.';
    run.store(other, "1");
    run.save();
    for (int i = 0; i < 3; ++i) {
        run.store(other, "2");
        CHECK(run.save().written == 1);
    }
}

TEST_CASE("snapshot: an earlier state of the file in place of it is written anew") {
    const Directory directory;
    const std::string earlier = directory.path() / "earlier.db";
    std::string content;
    {
        NodeRun run(directory.database());
        run.store("gone", "v");
        run.store("stays", "v");
        run.save();
        alter(directory.database(), "VACUUM INTO '" + earlier + "'");
        forget_all_but(run, "stays");
        run.present().positions = {{"another node", 1}};
        run.save();
        for (const char* part : {"", "-wal", "-shm"})
            std::filesystem::remove(directory.database() + part);
        std::filesystem::rename(earlier, directory.database());
        run.store("stays", "w");
        run.save();
        content = run.content();
    }
    CHECK(NodeRun(directory.database()).content() == content);
}

}  // namespace clacks::persistence
