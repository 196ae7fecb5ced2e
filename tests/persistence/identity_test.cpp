// Who a node is after a restart: protocol.txt, "Between our nodes".
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "persistence/file_lock.hpp"
#include "tests/persistence/node_run.hpp"

namespace clacks::persistence {

TEST_CASE("identity: a node that was stopped goes on as the same, and counts as the same") {
    const Directory directory;
    State before;
    {
        NodeRun run(directory.database());
        before = run.begun();
        run.increment("counter");
        run.end();
    }
    NodeRun run(directory.database());
    CHECK(run.begun().id == before.id);
    CHECK(run.begun().writer == before.writer);
    CHECK(run.begun().hash_key == before.hash_key);
    run.increment("counter");
    CHECK(run.cache().lock("counter").find("counter")->counter->contributions.size() == 1);
}

TEST_CASE("identity: a node that was killed counts apart from what it had counted") {
    const Directory directory;
    State before;
    {
        NodeRun run(directory.database());
        before = run.begun();
        run.increment("counter");
        run.save();
        run.increment("counter");
    }
    NodeRun run(directory.database());
    CHECK(run.begun().id == before.id);
    CHECK(run.begun().writer != before.writer);
    run.increment("counter");
    const auto entry = *run.cache().lock("counter").find("counter");
    CHECK(entry.value == "2");
    CHECK(entry.counter->contributions.size() == 2);
}

TEST_CASE("identity: whoever begins with a copy is somebody else, with the same content") {
    const Directory directory;
    const std::string copy = directory.path() / "copy.db";
    std::string id;
    {
        NodeRun run(directory.database());
        run.store("a", "1");
        run.end();
        id = run.begun().id;
    }
    std::filesystem::copy_file(directory.database(), copy);
    {
        NodeRun other(copy);
        CHECK(other.told().events == std::vector<std::string>{"warning database_copied"});
        CHECK(other.begun().id != id);
        CHECK(other.content() == "a 1000001=1\n");
        other.store("b", "1");
        other.end();
    }
    // Once: now it is a file of its own.
    CHECK(NodeRun(copy).told().events.empty());
    CHECK(NodeRun(directory.database()).begun().id == id);
}

TEST_CASE("identity: a second node does not get the file, and hears who has it") {
    const Directory directory;
    FileLock first;
    CHECK_FALSE(first.take(directory.database()).has_value());
    FileLock second;
    const auto failure = second.take(directory.database());
    REQUIRE(failure.has_value());
    CHECK(failure->kind == Failure::Kind::in_use);
    CHECK(failure->what ==
          "another clacksd (process " + std::to_string(::getpid()) + ") is using it");
}

TEST_CASE("identity: a second node does not get the file by another name of it either") {
    const Directory directory;
    namespace fs = std::filesystem;
    const fs::path elsewhere = directory.path() / "elsewhere";
    fs::create_directory(elsewhere);
    fs::create_symlink("..", elsewhere / "up");
    fs::create_symlink("../clacks.db", elsewhere / "link.db");
    fs::create_symlink(elsewhere / "link.db", elsewhere / "link to a link.db");
    const auto names = [&] {
        for (const fs::path& name :
             {elsewhere / "../clacks.db", elsewhere / "up" / "clacks.db", elsewhere / "link.db",
              elsewhere / "link to a link.db", fs::relative(directory.database())}) {
            CAPTURE(name.string());
            FileLock first;
            CHECK_FALSE(first.take(directory.database()).has_value());
            FileLock second;
            const auto failure = second.take(name);
            REQUIRE(failure.has_value());
            CHECK(failure->kind == Failure::Kind::in_use);
        }
    };
    names();  // while there is no file at all
    NodeRun(directory.database()).end();
    names();
    CHECK_FALSE(fs::exists(elsewhere / "link.db-lock"));
}

TEST_CASE("identity: a lock that cannot be opened is not taken for none") {
    const Directory directory;
    // Not by its rights, which root is above: a link to itself leads nowhere.
    std::filesystem::create_symlink("clacks.db-lock", directory.path() / "clacks.db-lock");
    FileLock lock;
    const auto failure = lock.take(directory.database());
    REQUIRE(failure.has_value());
    CHECK(failure->kind == Failure::Kind::unusable);
    CHECK(failure->what == "its lock cannot be opened: " + directory.database() +
                               "-lock: Too many levels of symbolic links. Is it another user's?");
}

TEST_CASE("identity: where no lock can be made there is none") {
    const Directory directory;
    FileLock lock;
    CHECK_FALSE(lock.take(directory.path() / "nowhere" / "clacks.db").has_value());
}

TEST_CASE("identity: a lock whose file was removed is taken again, and then others do not get it") {
    const Directory directory;
    FileLock first;
    REQUIRE_FALSE(first.take(directory.database()).has_value());
    CHECK_FALSE(first.renew().has_value());  // it is there
    std::filesystem::remove(directory.database() + "-lock");
    CHECK_FALSE(first.renew().has_value());
    FileLock second;
    REQUIRE(second.take(directory.database()).has_value());
}

TEST_CASE("identity: a lock that could not be made is when its directory is there") {
    const Directory directory;
    const auto later = directory.path() / "later";
    FileLock first;
    REQUIRE_FALSE(first.take(later / "clacks.db").has_value());
    std::filesystem::create_directory(later);
    CHECK_FALSE(first.renew().has_value());
    FileLock second;
    CHECK(second.take(later / "clacks.db").has_value());
}

TEST_CASE("identity: who has lost the lock to another node saves nothing, until that has ended") {
    const Directory directory;
    FileLock lock;
    REQUIRE_FALSE(lock.take(directory.database()).has_value());
    Told told;
    const auto restored = *restore({.path = directory.database()}, some_time(), told.tell());
    Snapshots snapshots(
        directory.database(), *restored.cache, restored.state, restored.found, [](State&) {},
        told.tell(), &lock);
    cache::store(*restored.cache, "a", "1", 1);
    REQUIRE(snapshots.save(false, some_time()).has_value());
    std::filesystem::remove(directory.database() + "-lock");
    {
        FileLock others;
        REQUIRE_FALSE(others.take(directory.database()).has_value());
        cache::store(*restored.cache, "a", "2", 2);
        const auto refused = snapshots.save(false, some_time());
        REQUIRE_FALSE(refused.has_value());
        CHECK(refused.error().kind == Failure::Kind::in_use);
        CHECK(NodeRun(directory.database()).content() == "a 1=1\n");
    }
    CHECK(snapshots.save(false, some_time()).has_value());
    CHECK(NodeRun(directory.database()).content() == "a 2=2\n");
}

}  // namespace clacks::persistence
