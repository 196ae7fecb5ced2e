// One store for memcached's clients and ours, on all nodes of a tree.
#include <doctest/doctest.h>

#include <string>

#include "tests/end_to_end/tree.hpp"
#include "tests/memcached_clients/memcached_node.hpp"

using namespace clacks::test;

namespace {

/// A master and a slave, linked, both with memcached.
struct Pair {
    MemcachedNode master{NodeConfig{.name = "master"}};
    MemcachedNode slave{below(master.node().tls_url(), "slave")};

    Pair() { wait_until_linked(slave.node(), master.node()); }
};

std::string every_byte() {
    std::string bytes;
    for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
    return bytes;
}

}  // namespace

TEST_CASE("memcached clients: what one sets is retrieved by a client of ours at another node") {
    Pair tree;
    CacheClient cache = tree.slave.connect_tcp();
    LineClient client = tree.master.node().log_in();
    CHECK(cache.set("a", "value") == "STORED");
    ask_until(client, "RETRIEVE a", "RETRIEVED a=value\n");
    CHECK(client.ask("STORE a=other") == "");
    cache.get_until("a", "other");
    CHECK(cache.ask("delete a\r\n") == "DELETED\r\n");
    ask_until(client, "RETRIEVE a", "NOTRETRIEVED a\n");
}

TEST_CASE("memcached clients: every byte of a value is the same at another node") {
    Pair tree;
    CacheClient here = tree.slave.connect();
    CacheClient there = tree.master.connect();
    const std::string bytes = every_byte();
    here.set("bytes", bytes);
    there.get_until("bytes", bytes);
    // What a client of ours has encoded is decoded, and what only looks so is left alone.
    LineClient client = tree.master.node().log_in();
    client.ask("STORE encoded=PAGECAMELCLACKSB64:YQ0KYg==");
    here.get_until("encoded", "a\r\nb");
    here.set("literal", "PAGECAMELCLACKSB64:YQ0KYg==");
    there.get_until("literal", "PAGECAMELCLACKSB64:YQ0KYg==");
    CHECK(here.ask("append bytes 0 0 3\r\nend\r\n") == "STORED\r\n");
    there.get_until("bytes", bytes + "end");
}

TEST_CASE("memcached clients: flags and expiry reach the other node") {
    Pair tree;
    CacheClient here = tree.slave.connect();
    CacheClient there = tree.master.connect();
    here.ask("set a 77 1000 1\r\nx\r\n");
    there.get_until("a", "x");
    const std::string seen = there.ask("mg a f t\r\n");
    CHECK(seen.starts_with("HD f77 t"));
    CHECK(std::stoi(seen.substr(8)) > 900);
    here.set("b", "soon gone", 1);
    there.get_until("b", "soon gone");
    there.get_until("b", "(nothing)");
}

TEST_CASE("memcached clients: what both sides of a tree add is all there") {
    Pair tree;
    CacheClient here = tree.slave.connect();
    CacheClient there = tree.master.connect();
    here.set("n", "0");
    there.get_until("n", "0");
    for (int i = 0; i < 100; ++i) {
        here.ask("incr n 1\r\n");
        there.ask("incr n 10\r\n");
    }
    here.get_until("n", "1100");
    there.get_until("n", "1100");
}

TEST_CASE("memcached clients: flush_all empties the whole tree") {
    Pair tree;
    CacheClient here = tree.slave.connect();
    CacheClient there = tree.master.connect();
    there.set("a", "x");
    here.get_until("a", "x");
    CHECK(here.ask("flush_all\r\n") == "OK\r\n");
    there.get_until("a", "(nothing)");
    there.set("a", "y");
    here.get_until("a", "y");
    CHECK(here.ask("flush_all 1\r\n") == "OK\r\n");
    there.get_until("a", "(nothing)");
}

TEST_CASE("memcached clients: names that one side cannot say have another one there") {
    MemcachedNode node;
    CacheClient cache = node.connect();
    LineClient client = node.node().log_in();
    CHECK(cache.ask("ms YSBiPWM= 1 b\r\nx\r\n") == "HD\r\n");  // "a b=c"
    CHECK(client.ask("RETRIEVE a%20b%3Dc") == "RETRIEVED a%20b%3Dc=x\n");
    client.ask("STORE plain%name=y");
    CHECK(cache.get("plain%name") == "y");
}

TEST_CASE("memcached clients: flags are the same for both sides") {
    MemcachedNode node;
    CacheClient cache = node.connect();
    LineClient client = node.node().log_in();
    client.ask("STOREFOR never,flags:9 a=1");
    CHECK(cache.ask("get a\r\n") == "VALUE a 9 1\r\n1\r\nEND\r\n");
    cache.ask("set b 4294967295 0 1\r\n1\r\n");
    CHECK(client.ask("FLAGS b") == "FLAGS b=4294967295\n");
}

TEST_CASE("memcached clients: after a restart the cache is warm") {
    MemcachedNode node({.more = "persistence: {file: node.db}\n"});
    node.connect().ask("set a 5 1000 3\r\n\r\n!\r\n");
    node.connect().set("gone", "x", -1);
    CHECK(node.node().stop() == 0);
    node.node().start();
    const std::string seen = node.connect().ask("mg a v f t\r\n");
    CHECK(seen.starts_with("VA 3 f5 t"));
    CHECK(seen.ends_with("\r\n\r\n!\r\n"));
    CHECK(node.connect().get("gone") == "(nothing)");
}

TEST_CASE("memcached clients: what they change is a signal where the configuration asks for it") {
    MemcachedNode node({}, "notify: [\"cache::**\"], ");
    LineClient client = node.node().log_in();
    client.ask("LISTEN cache::*\nLISTEN other");
    CacheClient cache = node.connect();
    cache.set("cache::a", "x");
    cache.set("other", "x");
    cache.ask("set cache::n 0 0 1\r\n1\r\nincr cache::n 2\r\ntouch cache::n 50\r\n");
    cache.ask("delete cache::a\r\n");
    CHECK(client.lines(4) == "SET cache::a=x\nSET cache::n=1\nSET cache::n=3\nNOTIFY cache::a\n");
    cache.set("cache::bytes", "a\r\nb");
    CHECK(client.line() == "SET cache::bytes=PAGECAMELCLACKSB64:YQ0KYg==");
}

TEST_CASE("memcached clients: a signal crosses the tree behind the value that it tells of") {
    MemcachedNode master{NodeConfig{.name = "master"}};
    MemcachedNode slave(below(master.node().tls_url(), "slave"), "notify: \"**\", ");
    wait_until_linked(slave.node(), master.node());
    LineClient client = master.node().log_in();
    client.ask("LISTEN a");
    slave.connect().set("a", "x");
    CHECK(client.line() == "SET a=x");
    CHECK(client.ask("RETRIEVE a") == "RETRIEVED a=x\n");
}
