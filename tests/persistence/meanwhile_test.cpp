// What changes while a snapshot is being made: some of it is in that one, the rest in the next.
#include <doctest/doctest.h>

#include "tests/persistence/node_run.hpp"

namespace clacks::persistence {
namespace {

using cache::at;

/// Forgets the oldest entry of a shard, as nobody has looked at it for so long.
void forget_oldest(NodeRun& run, std::string_view key) {
    const auto later = cache::just_after(run.cache().lock(key).find(key)->changed);
    run.cache().lock(key).clean(later, at(0), later, [](auto, auto) {});
    REQUIRE_FALSE(run.cache().lock(key).find(key));
}

/// In the shard of `key`, so much that it takes several pieces to write.
void fill_shard_of(NodeRun& run, const std::string& key) {
    const unsigned shard = run.cache().shard_of(key);
    for (int i = 0; i < 1000; ++i) {
        std::string other = "other" + std::to_string(i);
        while (run.cache().shard_of(other) != shard) other += '.';
        run.store(other, std::string(1000, 'v'));
    }
}

}  // namespace

TEST_CASE("meanwhile: what is in a snapshot already may be written again after a failure") {
    const Directory directory;
    std::string content;
    {
        NodeRun run(directory.database());
        std::string early = "early";
        while (run.cache().shard_of(early) != 0) early += '.';
        std::string late = "late";
        while (run.cache().shard_of(late) != 31) late += '.';
        run.store(early, "1");
        run.save([&] { run.store(late, "1"); });
        CHECK(entries_in(directory.database()).size() == 2);
        run.store(early, "2");
        {
            auto other = Database::open(directory.database(), Database::Mode::create);
            REQUIRE(other.has_value());
            REQUIRE_FALSE(other->run("BEGIN IMMEDIATE").has_value());
            REQUIRE(run.try_save().has_error());
        }
        run.save();
        content = run.content();
    }
    NodeRun again(directory.database());
    CHECK(again.told().events.empty());
    CHECK(again.content() == content);
}

TEST_CASE("meanwhile: what is forgotten and stored anew is there after the next snapshot") {
    const Directory directory;
    {
        NodeRun run(directory.database());
        run.store("key", "1");
        run.save();
        fill_shard_of(run, "key");
        run.save([&] {
            forget_oldest(run, "key");
            run.store("key", "2");
        });
        CHECK(entries_in(directory.database())["key"] == "2");
        run.store("another", "1");
        run.save();
    }
    CHECK(NodeRun(directory.database()).cache().lock("key").find("key"));
}

TEST_CASE("meanwhile: what was removed before does not come back, though it is forgotten") {
    const Directory directory;
    {
        NodeRun run(directory.database());
        run.store("key", "1");
        run.save();
        fill_shard_of(run, "key");
        run.remove("key");
        run.save([&] {
            const auto later = cache::just_after(run.cache().lock("key").find("key")->changed);
            run.cache().lock("key").clean(later, later, at(0), [](auto, auto) {});
            REQUIRE_FALSE(run.cache().lock("key").find("key"));
        });
    }
    CHECK_FALSE(NodeRun(directory.database()).cache().lock("key").find("key"));
}

TEST_CASE("meanwhile: what is cleared is no damage, whenever the node is killed") {
    const Directory directory;
    {
        NodeRun run(directory.database());
        std::string early = "early";
        while (run.cache().shard_of(early) != 0) early += '.';
        std::string late = "late";
        while (run.cache().shard_of(late) != 31) late += '.';
        run.store(late, "1");
        run.save();
        run.store(early, "1");
        run.store(late, "2");
        run.save([&] { run.cache().clear(at(9'000'000), [](auto) {}); });
    }
    NodeRun again(directory.database());
    CHECK(again.told().events.empty());
    CHECK(again.cache().size() == 1);
}

}  // namespace clacks::persistence
