// What Perl's Memcached::Server 0.04 tests of a program that is served, with memcached's answers
// where those of the Perl module are others.
#include <doctest/doctest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/memcached/serving.hpp"

using namespace clacks::test;
using namespace clacks::memcached;

namespace {

struct Row {
    std::string request;
    std::string reply;
    std::string raw = {};  ///< of a server that keeps nothing beside the values; empty: the same
};

const std::vector<Row> basics = {
    {"get a\r\n", "END\r\n"},
    {"set a 3 0 5\r\nfirst\r\n", "STORED\r\n"},
    {"get a\r\n", "VALUE a 3 5\r\nfirst\r\nEND\r\n", "VALUE a 0 5\r\nfirst\r\nEND\r\n"},
    {"get b a c a\r\n", "VALUE a 3 5\r\nfirst\r\nVALUE a 3 5\r\nfirst\r\nEND\r\n",
     "VALUE a 0 5\r\nfirst\r\nVALUE a 0 5\r\nfirst\r\nEND\r\n"},
    {"append a 5 0 4\r\n-end\r\n", "STORED\r\n"},
    {"get a\r\n", "VALUE a 3 9\r\nfirst-end\r\nEND\r\n", "VALUE a 0 9\r\nfirst-end\r\nEND\r\n"},
    {"prepend a 5 0 6\r\nbegin-\r\n", "STORED\r\n"},
    {"get a\r\n", "VALUE a 3 15\r\nbegin-first-end\r\nEND\r\n",
     "VALUE a 0 15\r\nbegin-first-end\r\nEND\r\n"},
    {"append b 0 0 1\r\nx\r\n", "NOT_STORED\r\n"},
    {"prepend b 0 0 1\r\nx\r\n", "NOT_STORED\r\n"},
    {"replace b 0 0 1\r\nx\r\n", "NOT_STORED\r\n"},
    {"add a 0 0 1\r\nx\r\n", "NOT_STORED\r\n"},
    {"get a b\r\n", "VALUE a 3 15\r\nbegin-first-end\r\nEND\r\n",
     "VALUE a 0 15\r\nbegin-first-end\r\nEND\r\n"},
    {"add b 4 0 6\r\nsecond\r\n", "STORED\r\n"},
    {"get b\r\n", "VALUE b 4 6\r\nsecond\r\nEND\r\n", "VALUE b 0 6\r\nsecond\r\nEND\r\n"},
    {"replace b 7 0 5\r\nYeah!\r\n", "STORED\r\n"},
    {"get b\r\n", "VALUE b 7 5\r\nYeah!\r\nEND\r\n", "VALUE b 0 5\r\nYeah!\r\nEND\r\n"},
    {"incr b 5\r\n", "CLIENT_ERROR cannot increment or decrement non-numeric value\r\n"},
    {"incr c 5\r\n", "NOT_FOUND\r\n"},
    {"set c 0 0 2\r\n10\r\n", "STORED\r\n"},
    {"incr c 5\r\n", "15\r\n"},
    {"decr c 7\r\n", "8\r\n"},
    {"decr c 9\r\n", "0\r\n"},
    {"get c\r\n", "VALUE c 0 1\r\n0\r\nEND\r\n"},
    {"delete c\r\n", "DELETED\r\n"},
    {"delete c\r\n", "NOT_FOUND\r\n"},
    {"get c\r\n", "END\r\n"},
    {"cas c 0 0 1 1\r\nx\r\n", "NOT_FOUND\r\n"},
    {"cas a 6 0 2 999999\r\nno\r\n", "EXISTS\r\n", "STORED\r\n"},
    {"set n 1 0 1 noreply\r\nn\r\nget n\r\n", "VALUE n 1 1\r\nn\r\nEND\r\n",
     "VALUE n 0 1\r\nn\r\nEND\r\n"},
    {"set past 0 -1 1\r\nx\r\nget past\r\n", "STORED\r\nEND\r\n",
     "STORED\r\nVALUE past 0 1\r\nx\r\nEND\r\n"},
    {"flush_all\r\n", "OK\r\n"},
    {"get a b n\r\n", "END\r\n"},
    {"nonsense\r\n", "ERROR\r\n"},
    {"set a 0 0 2\r\nabc\r\nget a\r\n",
     "CLIENT_ERROR bad data chunk\r\nCLIENT_ERROR bad command line format\r\nEND\r\n"},
};

/// The number of `key` that gets tells.
std::string cas_of(Stream& client, const std::string& key) {
    const std::string reply = ask(client, "gets " + key + "\r\n");
    const std::string line = reply.substr(0, reply.find('\r'));
    return line.substr(line.rfind(' ') + 1);
}

}  // namespace

TEST_CASE("embedding: a program with a map is a memcached, with flags and without") {
    for (const bool raw : {false, true}) {
        CAPTURE(raw);
        ServerOptions options;
        options.raw = raw;
        Serving serving(options);
        auto client = serving.connect();
        for (const Row& row : basics) {
            CAPTURE(row.request);
            CHECK(ask(client, row.request) == (raw && !row.raw.empty() ? row.raw : row.reply));
        }
    }
}

TEST_CASE("embedding: cas stores over what it was told of only") {
    Serving serving;
    auto client = serving.connect();
    CHECK(ask(client, "set a 0 0 1\r\n1\r\n") == "STORED\r\n");
    const std::string first = cas_of(client, "a");
    CHECK(ask(client, "cas a 0 0 1 " + first + "\r\n2\r\n") == "STORED\r\n");
    CHECK(ask(client, "cas a 0 0 1 " + first + "\r\n3\r\n") == "EXISTS\r\n");
    CHECK(cas_of(client, "a") != first);
    CHECK(ask(client, "get a\r\n") == "VALUE a 0 1\r\n2\r\nEND\r\n");
}

TEST_CASE("embedding: raw, what nobody has stored is served, and no cas unique is wrong") {
    ServerOptions options;
    options.raw = true;
    Serving serving(options);
    serving.on_thread([&] { serving.shelf.values["virtual"] = "there"; });
    auto client = serving.connect();
    CHECK(ask(client, "gets virtual\r\n") == "VALUE virtual 0 5 0\r\nthere\r\nEND\r\n");
    CHECK(ask(client, "cas virtual 0 0 3 77\r\nnew\r\n") == "STORED\r\n");
    CHECK(serving.on_thread([&] { return serving.shelf.values["virtual"]; }) == "new");
}

TEST_CASE("embedding: connections with stores of their own") {
    using Store = std::map<std::string, std::string, std::less<>>;
    const auto store_of = [](Client& client) -> Store& {
        return *std::static_pointer_cast<Store>(client.data);
    };
    int stores = 0;
    Handlers handlers;
    handlers.begin = [&](Client& client, auto then) {
        client.data = std::make_shared<Store>();
        ++stores;
        then(Verdict::ok());
    };
    handlers.end = [&](Client&) { --stores; };
    handlers.get = [&](Client& client, std::string_view key, auto then) {
        const auto found = store_of(client).find(key);
        then(found == store_of(client).end() ? std::nullopt : std::optional(found->second));
    };
    handlers.set = [&](Client& client, std::string_view key, const NewValue& value, auto then) {
        store_of(client)[std::string(key)] = value.value;
        then(Verdict::ok());
    };
    ServerOptions options;
    options.raw = true;
    Serving serving(handlers, options);
    {
        auto one = serving.connect();
        auto other = serving.connect();
        CHECK(ask(one, "set k 0 0 3\r\none\r\n") == "STORED\r\n");
        CHECK(ask(other, "get k\r\n") == "END\r\n");
        CHECK(ask(other, "set k 0 0 5\r\nother\r\n") == "STORED\r\n");
        CHECK(ask(one, "get k\r\n") == "VALUE k 0 3\r\none\r\nEND\r\n");
        CHECK(ask(other, "get k\r\n") == "VALUE k 0 5\r\nother\r\nEND\r\n");
        CHECK(serving.on_thread([&] { return stores; }) == 2);
        CHECK(ask(one, "delete k\r\n") == "NOT_FOUND\r\n");  // there is no handler for it
        CHECK(ask(one, "flush_all\r\n").starts_with("SERVER_ERROR"));
    }
    CHECK(serving.wait_until([&] { return stores == 0; }));
}

TEST_CASE("embedding: who is not welcome is closed and has no end") {
    int ended = 0;
    Handlers handlers;
    handlers.begin = [](Client&, auto then) { then(Verdict::reject("not today")); };
    handlers.end = [&](Client&) { ++ended; };
    Serving serving(handlers, {});
    auto client = serving.connect();
    CHECK(rest(client) == "");
    CHECK(serving.wait_until([&] { return serving.server->connection_count() == 0; }));
    CHECK(ended == 0);
}

TEST_CASE("embedding: nothing is read before the program has said that it begins") {
    std::function<void(Verdict)> welcome;
    Handlers handlers;
    handlers.begin = [&](Client&, auto then) { welcome = then; };
    handlers.get = [](Client&, std::string_view, auto then) { then("there"); };
    ServerOptions options;
    options.raw = true;
    Serving serving(handlers, options);
    auto client = serving.connect();
    std::string reply;
    client.write("get k\r\n", reply);
    REQUIRE(serving.wait_until([&] { return welcome != nullptr; }));
    serving.on_thread([&] { welcome(Verdict::ok()); });
    CHECK(read_bytes(client, 25) == "VALUE k 0 5\r\nthere\r\nEND\r\n");
}

TEST_CASE("embedding: who goes while the program thinks is forgotten at once") {
    Serving serving;
    {
        auto client = serving.connect();
        CHECK(ask(client, "set k 0 0 1\r\nv\r\n") == "STORED\r\n");
        serving.on_thread([&] { serving.shelf.slow = true; });
        std::string reply;
        client.write("get k\r\nget k\r\n", reply);
        REQUIRE(serving.wait_until([&] { return !serving.shelf.waiting.empty(); }));
    }
    CHECK(serving.wait_until([&] { return serving.server->connection_count() == 0; }));
    CHECK(serving.shelf.ended == 1);
    serving.on_thread([&] { serving.shelf.waiting.front()(); });
    CHECK(serving.shelf.waiting.size() == 1);
}
