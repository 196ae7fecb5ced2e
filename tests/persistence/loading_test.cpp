// What a start must do without: threads, memory.
#include "persistence/loading.hpp"

#include <doctest/doctest.h>
#include <pthread.h>

#include <system_error>
#include <thread>

#include "tests/allocations.hpp"
#include "tests/persistence/node_run.hpp"

namespace clacks::persistence {
namespace {

/// No thread can be made: there is no room for its stack.
class NoThreads {
public:
    NoThreads() {
        pthread_attr_t attributes;
        REQUIRE(::pthread_getattr_default_np(&attributes) == 0);
        REQUIRE(::pthread_attr_getstacksize(&attributes, &before_) == 0);
        ::pthread_attr_destroy(&attributes);
        set(std::size_t{1} << 50U);
        CHECK_THROWS_AS(std::thread([] {}).join(), const std::system_error&);
    }
    ~NoThreads() { set(before_); }
    NoThreads(const NoThreads&) = delete;
    NoThreads& operator=(const NoThreads&) = delete;

private:
    static void set(std::size_t stack_bytes) {
        pthread_attr_t attributes;
        ::pthread_attr_init(&attributes);
        ::pthread_attr_setstacksize(&attributes, stack_bytes);
        ::pthread_setattr_default_np(&attributes);
        ::pthread_attr_destroy(&attributes);
    }
    std::size_t before_ = 0;
};

}  // namespace

TEST_CASE("loading: without threads of its own a start takes longer, and has everything") {
    const Directory directory;
    std::string content;
    {
        NodeRun run(directory.database());
        run.store_keys(100);
        content = run.content();
        run.end();
    }
    Told told;
    const NoThreads none;
    const auto restored = restore({.path = directory.database()}, some_time(), told.tell());
    REQUIRE(restored.has_value());
    CHECK(told.events.empty());
    CHECK(cache::content(*restored->cache) == content);
}

TEST_CASE("loading: what fits at the end fits, whatever there was before it") {
    const Directory directory;
    constexpr std::size_t memory = 16U << 20U;
    std::string content;
    {
        NodeRun run(directory.database());
        run.cache().set_budget(memory, /*evicts=*/false);
        for (int i = 0; i < 2000; ++i) run.store("key" + std::to_string(i), std::string(1000, 'v'));
        std::string first = "first";
        while (run.cache().shard_of(first) != 31) first += '.';
        std::string second = "second";
        while (run.cache().shard_of(second) != 31) second += '.';
        const std::string value(8'000'000, 'v');
        const auto store = [&](const std::string& key, const std::string& what) {
            const auto room = run.cache().make_room_for(key, what.size(), cache::at(1));
            REQUIRE(room);
            run.store(key, what);
        };
        store(first, value);
        run.save();
        store(first, "small");
        store(second, value);
        store(first, "small again");
        content = run.content();
        run.end();
    }
    Told told;
    const auto restored =
        restore({.path = directory.database(), .memory = memory}, some_time(), told.tell());
    REQUIRE(restored.has_value());
    CHECK(restored->cache->size() == 2002);
    CHECK((cache::content(*restored->cache) == content));
}

TEST_CASE("loading: too little memory is no damage, and said") {
    const Directory directory;
    {
        NodeRun run(directory.database());
        run.store("large", std::string(1'000'000, 'v'));
        run.end();
    }
    Told told;
    const test::NoLargePieces small(900'000);
    const auto restored = restore({.path = directory.database()}, some_time(), told.tell());
    REQUIRE(restored.has_error());
    CHECK(restored.error().kind == Failure::Kind::unusable);
    CHECK(restored.error().what == "there is too little memory to read it");
    CHECK(told.events.empty());
    CHECK(directory.files() == "clacks.db");
}

}  // namespace clacks::persistence
