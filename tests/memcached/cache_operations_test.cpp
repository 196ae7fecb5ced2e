// What memcached's clients share with those of the Clacks protocol.
#include "memcached/cache_operations.hpp"

#include <doctest/doctest.h>

#include <string>
#include <thread>
#include <vector>

#include "cache/counter.hpp"
#include "tests/memcached/shop.hpp"

using namespace clacks::test;
using clacks::memcached::WallTime;

namespace {

/// Writes down what it hears.
class Heard : public clacks::memcached::Changes {
public:
    explicit Heard(clacks::cache::Cache& cache) : cache_(cache) {}

    void stored(unsigned, const clacks::cache::EntryView& entry) override {
        text += "STORE " + std::string(entry.key) + "=" + std::string(entry.value) + "\n";
    }
    void added(unsigned, std::string_view name, std::uint64_t step, bool subtract,
               std::string_view value) override {
        text += (subtract ? "DECREMENT " : "INCREMENT ") + std::string(name) + "=" +
                std::to_string(step) + " is " + std::string(value) + "\n";
    }
    void removed(unsigned, std::string_view name) override {
        text += "REMOVE " + std::string(name) + "\n";
    }
    void touched(unsigned, std::string_view name, WallTime) override {
        text += "EXPIRE " + std::string(name) + "\n";
    }
    void clear(WallTime now) override {
        text += "CLEARCACHE\n";
        cache_.clear(now, [](WallTime) {});
    }

    std::string text;

private:
    clacks::cache::Cache& cache_;
};

/// Capital letters stand in the store as small ones in brackets.
class Brackets : public clacks::memcached::ValueForm {
public:
    std::string_view stored(std::string_view value, std::string& buffer) const override {
        if (value.find_first_of("ABC") == value.npos) return value;
        buffer = "[";
        for (const char c : value) buffer += static_cast<char>(c | 0x20);
        return buffer += "]";
    }
    std::string_view given(std::string_view stored, std::string& buffer) const override {
        if (!stored.starts_with('[')) return stored;
        buffer.clear();
        for (const char c : stored.substr(1, stored.size() - 2))
            buffer += static_cast<char>(c & ~0x20);
        return buffer;
    }
};

}  // namespace

TEST_CASE("memcached: what others store is found, under names that are keys") {
    Shop shop;
    shop.cache.lock("sensors::a").store("sensors::a", "x\r\ny", shop.now);
    shop.cache.lock("a%20b").store("a%20b", "z", shop.now);
    CHECK(shop.ask("get sensors::a\r\n") == "VALUE sensors::a 0 4\r\nx\r\ny\r\nEND\r\n");
    CHECK(shop.ask("mg YSBi b v\r\n") == "VA 1\r\nz\r\n");
    shop.ask("set a=b 0 0 1\r\nw\r\n");
    CHECK(shop.cache.lock("a%3Db").retrieve("a%3Db", shop.now) == "w");
}

TEST_CASE("memcached: a write of others is seen by cas, and ends what is stale") {
    Shop shop;
    shop.ask("set a 0 0 1\r\nx\r\nmd a I\r\n");
    shop.cache.lock("a").store("a", "y", shop.now);
    CHECK(shop.ask("mg a v\r\n") == "VA 1\r\ny\r\n");
    shop.ask("ms a 1 E5\r\nx\r\n");
    shop.cache.lock("a").store("a", "y", shop.now);
    CHECK(shop.ask("ms a 1 C5\r\nz\r\n") == "EX\r\n");
}

TEST_CASE("memcached: items expire") {
    Shop shop;
    shop.ask("set a 0 10 1\r\nx\r\n");
    shop.now += 9s;
    CHECK(shop.ask("mg a t\r\n") == "HD t1\r\n");
    shop.now += 1s;
    CHECK(shop.ask("get a\r\nadd a 0 0 1\r\ny\r\n") == "END\r\nSTORED\r\n");
    const auto unix_time = shop.now.time_since_epoch() / 1s + 100;
    shop.ask("set a 0 " + std::to_string(unix_time) + " 1\r\nx\r\n");
    CHECK(shop.ask("mg a t\r\n") == "HD t100\r\n");
    shop.ask("set a 0 99999999999 1\r\nx\r\n");
    CHECK(shop.ask("mg a\r\n") == "HD\r\n");
}

TEST_CASE("memcached: the time since the last access") {
    Shop shop;
    shop.ask("set a 0 0 1\r\nx\r\n");
    shop.now += 30s;
    CHECK(shop.ask("mg a u l\r\nmg a l\r\nmg a l\r\n") == "HD l30\r\nHD l30\r\nHD l0\r\n");
}

TEST_CASE("memcached: flush_all with a delay removes what is there then") {
    Shop shop;
    shop.ask("set a 0 0 1\r\nx\r\nflush_all 10\r\n");
    shop.now += 5s;
    CHECK(shop.ask("set b 0 0 1\r\nx\r\nmg a\r\n") == "STORED\r\nHD\r\n");
    shop.now += 5s;
    CHECK(shop.ask("mg a\r\nmg b\r\nset c 0 0 1\r\nx\r\nmg c\r\n") ==
          "EN\r\nEN\r\nSTORED\r\nHD\r\n");

    SUBCASE("another takes its place") {
        shop.ask("flush_all 10\r\nflush_all\r\nset c 0 0 1\r\nx\r\n");
        shop.now += 20s;
        CHECK(shop.ask("mg c\r\n") == "HD\r\n");
    }
    SUBCASE("others are told when it is due") {
        Heard heard(shop.cache);
        shop.operations.set_changes(&heard);
        shop.ask("flush_all 10\r\n");
        CHECK(heard.text.empty());
        shop.now += 10s;
        shop.operations.flush_if_due(shop.now);
        CHECK(heard.text == "CLEARCACHE\n");
    }
}

TEST_CASE("memcached: incr of an integer adds to it, so that it merges") {
    Shop shop;
    const auto is_counter = [&](std::string_view key) {
        return shop.cache.lock(key).find(key)->counter != nullptr;
    };
    shop.ask("set n 7 100 2\r\n10\r\n");
    CHECK(shop.ask("incr n 5\r\ndecr n 1\r\n") == "15\r\n14\r\n");
    CHECK(is_counter("n"));
    CHECK(shop.ask("mg n v f t\r\n") == "VA 2 f7 t100\r\n14\r\n");

    SUBCASE("what stays at 0 does not") {
        CHECK(shop.ask("decr n 20\r\n") == "0\r\n");
        CHECK_FALSE(is_counter("n"));
        CHECK(shop.ask("mg n v f t\r\n") == "VA 1 f7 t100\r\n0\r\n");
    }
    SUBCASE("nor what begins again") {
        CHECK(shop.ask("incr n 18446744073709551615\r\n") == "13\r\n");
        CHECK_FALSE(is_counter("n"));
    }
    SUBCASE("nor what is not written as a number is") {
        shop.ask("set n 0 0 3\r\n010\r\n");
        CHECK(shop.ask("incr n 1\r\nget n\r\n") == "11\r\nVALUE n 0 2\r\n11\r\nEND\r\n");
        CHECK_FALSE(is_counter("n"));
    }
}

TEST_CASE("memcached: a counter that two nodes have taken below 0 is 0, and goes on from there") {
    Shop shop;
    shop.ask("set n 7 0 1\r\n1\r\n");
    clacks::cache::Cache other({1, 2}, clacks::cache::NodeId{9} << 32U);
    const auto tell = [](clacks::cache::Cache& from, clacks::cache::Cache& to) {
        auto entry = *from.lock("n").find("n");
        const auto counter = entry.counter ? *entry.counter : clacks::cache::Counter();
        const std::string value(entry.value);
        entry.key = "n";
        entry.value = value;
        entry.counter = entry.counter ? &counter : nullptr;
        to.lock("n").merge(entry);  // a thread holds one shard at a time
    };
    tell(shop.cache, other);
    CHECK(shop.ask("decr n 1\r\n") == "0\r\n");
    other.lock("n").add("n", "1", true, shop.now);
    tell(other, shop.cache);
    const auto stored = [&] { return std::string(*shop.cache.lock("n").retrieve("n", shop.now)); };
    CHECK(stored() == "-1");
    CHECK(shop.ask("get n\r\nmg n s v f\r\ngat 0 n\r\n") ==
          "VALUE n 7 1\r\n0\r\nEND\r\nVA 1 s1 f7\r\n0\r\nVALUE n 7 1\r\n0\r\nEND\r\n");
    CHECK(stored() == "-1");

    SUBCASE("incr") { CHECK(shop.ask("incr n 5\r\nincr n 1\r\n") == "5\r\n6\r\n"); }
    SUBCASE("decr") { CHECK(shop.ask("decr n 5\r\nincr n 6\r\n") == "0\r\n6\r\n"); }
    SUBCASE("meta") { CHECK(shop.ask("ma n v D6\r\n") == "VA 1\r\n6\r\n"); }
    SUBCASE("append") {
        CHECK(shop.ask("prepend n 0 0 1\r\n6\r\nget n\r\nset n 0 0 1\r\n6\r\n") ==
              "STORED\r\nVALUE n 7 2\r\n60\r\nEND\r\nSTORED\r\n");
    }
    CHECK(stored() == "6");
}

TEST_CASE("memcached: what was stored with a minus is a text") {
    Shop shop;
    shop.ask("set n 0 0 2\r\n-5\r\ntouch n 100\r\n");
    CHECK(shop.ask("get n\r\n") == "VALUE n 0 2\r\n-5\r\nEND\r\n");
    CHECK(shop.ask("incr n 1\r\n").starts_with("CLIENT_ERROR cannot increment"));
}

TEST_CASE("memcached: what others are told of changes") {
    struct Row {
        const char* request;
        const char* heard;
    };
    for (const Row& row :
         {Row{"set b 0 0 1\r\nx\r\n", "STORE b=x\n"},
          Row{"add a 0 0 1\r\nx\r\nget a\r\nappend c 0 0 1\r\nx\r\n", ""},
          Row{"append a 0 0 1\r\n1\r\n", "STORE a=11\n"},
          Row{"incr a 2\r\n", "INCREMENT a=2 is 3\n"}, Row{"decr a 1\r\n", "DECREMENT a=1 is 0\n"},
          Row{"decr a 5\r\n", "STORE a=0\n"}, Row{"touch a 5\r\n", "EXPIRE a\n"},
          Row{"delete a\r\ndelete c\r\n", "REMOVE a\n"}, Row{"md a I\r\n", "EXPIRE a\n"},
          Row{"set a 0 -1 1\r\nx\r\n", "REMOVE a\n"}, Row{"mg c N5\r\n", "STORE c=\n"},
          Row{"flush_all\r\n", "CLEARCACHE\n"}}) {
        CAPTURE(std::string(row.request));
        Shop shop;
        shop.ask("set a 0 0 1\r\n1\r\n");
        Heard heard(shop.cache);
        shop.operations.set_changes(&heard);
        shop.ask(row.request);
        CHECK(heard.text == row.heard);
    }
}

TEST_CASE("memcached: values stand in the store as others can carry them") {
    Shop shop;
    const Brackets form;
    clacks::memcached::CacheOperations operations(shop.cache, 6, form);
    Shop client(operations, &clacks::memcached::all_rights());
    const auto stored = [&] {
        const auto entry = shop.cache.lock("a").find("a");
        return std::string(entry ? entry->value : "nothing");
    };
    client.ask("set a 5 0 3\r\nABC\r\n");
    CHECK(stored() == "[abc]");
    CHECK(client.ask("get a\r\n") == "VALUE a 5 3\r\nABC\r\nEND\r\n");
    client.ask("append a 0 0 2\r\nAB\r\n");
    CHECK(stored() == "[abcab]");
    CHECK(client.ask("mg a s v\r\n") == "VA 5 s5\r\nABCAB\r\n");
    CHECK(client.ask("append a 0 0 2\r\nAB\r\n") == "NOT_STORED\r\n");
    client.ask("set a 0 0 1\r\nx\r\n");
    CHECK(stored() == "x");
    CHECK(client.ask("incr a 1\r\n").starts_with("CLIENT_ERROR"));
    CHECK(client.ask("gat 0 a\r\n") == "VALUE a 0 1\r\nx\r\nEND\r\n");
}

TEST_CASE("memcached: a full store that evicts nothing says so, and does not serve the old value") {
    Shop shop;
    shop.cache.set_budget(512U << 10U, false);
    const std::string half(100'000, 'x');
    std::string reply;
    for (int i = 0; i < 10; ++i) {
        reply = shop.ask("set " + std::to_string(i) + " 0 0 100000\r\n" + half + "\r\n");
    }
    CHECK(reply == "SERVER_ERROR out of memory storing object\r\n");
    CHECK(
        shop.ask("set small 0 0 1\r\nx\r\nset small 0 0 100000\r\n" + half + "\r\nmg small\r\n") ==
        "STORED\r\nSERVER_ERROR out of memory storing object\r\nEN\r\n");
    CHECK(shop.ask("set a 0 0 600000\r\n" + std::string(600'000, 'x') + "\r\n") ==
          "SERVER_ERROR object too large for cache\r\n");
    CHECK(shop.host.counters.of(clacks::memcached::Count::store_no_memory) > 0);
}

TEST_CASE("memcached: marks of items are bounded") {
    clacks::memcached::Marks marks(10);
    const WallTime version(1s);
    for (int i = 0; i < 100; ++i) marks.set(std::to_string(i), {.version = version, .stale = true});
    CHECK(marks.size() == 10);
    CHECK(marks.find("99", version).stale);
    CHECK_FALSE(marks.find("99", version + 1s).stale);
    marks.set("99", {.version = version});
    CHECK(marks.size() == 9);
}

TEST_CASE("memcached: each operation is done as a whole, whoever else is at it") {
    Shop shop;
    constexpr int turns = 2000;
    shop.ask("set n 0 0 1\r\n0\r\nset text 0 0 0\r\n\r\n");
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&shop] {
            Shop client(shop.operations, &clacks::memcached::all_rights());
            for (int turn = 0; turn < turns; ++turn) {
                client.ask(
                    "incr n 1\r\nappend text 0 0 1\r\nx\r\ntouch n 100\r\nmg stale N30 R5\r\n"
                    "md stale I\r\n");
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(shop.ask("mg n v\r\nmg text s\r\n") == "VA 4\r\n8000\r\nHD s8000\r\n");
}
