#include <doctest/doctest.h>

#include <string>

#include "tests/memcached/shop.hpp"

using namespace clacks::test;

namespace {

std::string stat(Shop& shop, const std::string& name, const std::string& topic = "") {
    const std::string all = shop.ask("stats" + topic + "\r\n");
    CHECK(all.ends_with("END\r\n"));
    const std::size_t at = all.find("STAT " + name + " ");
    if (at == all.npos) return "missing";
    const std::size_t begin = at + name.size() + 6;
    return all.substr(begin, all.find("\r\n", begin) - begin);
}

}  // namespace

TEST_CASE("memcached stats: every command counts where memcached counts it") {
    Shop shop;
    shop.ask(
        "set a 0 0 1\r\n1\r\nget a b\r\ngat 100 a b\r\ntouch b 1\r\nincr a 1\r\nincr b 1\r\n"
        "decr a 1\r\ndecr b 1\r\ncas a 0 0 1 1\r\nx\r\ncas b 0 0 1 1\r\nx\r\ndelete b\r\nmg "
        "a\r\nmg b\r\n"
        "ma b MD\r\nadd c 0 -1 1\r\nx\r\nget c\r\ndelete a\r\nflush_all\r\nset d 0 0 2000000 "
        "noreply\r\n" +
        std::string(2'000'000, 'x') + "\r\n");
    struct Row {
        const char* name;
        std::string value;
    };
    for (const Row& row : {Row{"cmd_get", "5"},
                           Row{"get_hits", "2"},
                           Row{"get_misses", "3"},
                           Row{"get_expired", "1"},
                           Row{"cmd_set", "4"},
                           Row{"cmd_touch", "3"},
                           Row{"touch_hits", "1"},
                           Row{"touch_misses", "2"},
                           Row{"incr_hits", "1"},
                           Row{"incr_misses", "1"},
                           Row{"decr_hits", "1"},
                           Row{"decr_misses", "2"},
                           Row{"cas_badval", "1"},
                           Row{"cas_misses", "1"},
                           Row{"cas_hits", "0"},
                           Row{"delete_hits", "1"},
                           Row{"delete_misses", "1"},
                           Row{"cmd_meta", "3"},
                           Row{"cmd_flush", "1"},
                           Row{"store_too_large", "1"},
                           Row{"total_items", "2"},
                           Row{"pid", "42"},
                           Row{"uptime", "100"},
                           Row{"time", "1800000000"},
                           Row{"rusage_user", "1.500000"},
                           Row{"limit_maxbytes", "67108864"},
                           Row{"curr_items", "2"},
                           Row{"pointer_size", "64"},
                           Row{"version", "1.6.38"}}) {
        CAPTURE(std::string(row.name));
        CHECK(stat(shop, row.name) == row.value);
    }
}

TEST_CASE("memcached stats: bytes are counted as they pass") {
    Shop shop;
    shop.ask("mn\r\n");
    CHECK(stat(shop, "bytes_read") == "4");
    CHECK(shop.host.counters.of(clacks::memcached::Count::bytes_read) == 11);
}

TEST_CASE("memcached stats: reset begins anew") {
    Shop shop;
    shop.ask("get a\r\n");
    CHECK(stat(shop, "get_misses") == "1");
    CHECK(shop.ask("stats reset\r\n") == "RESET\r\n");
    CHECK(stat(shop, "get_misses") == "0");
}

TEST_CASE("memcached stats: the other kinds") {
    Shop shop;
    CHECK(stat(shop, "item_size_max", " settings") == "1048576");
    CHECK(stat(shop, "cas_enabled", " settings") == "yes");
    CHECK(stat(shop, "evictions", " settings") == "on");
    CHECK(stat(shop, "items:1:number", " items") == "2");
    CHECK(stat(shop, "active_slabs", " slabs") == "1");
    CHECK(stat(shop, "sizes_status", " sizes") == "disabled");
    CHECK(
        shop.ask("stats conns\r\n") ==
        "STAT 7:addr unix:/run/x\r\nSTAT 7:listen_addr unix:/run/x\r\nSTAT 7:state conn_waiting\r\n"
        "STAT 7:secs_since_last_cmd 3\r\nEND\r\n");
}

TEST_CASE("memcached stats: what nobody counts is left out") {
    Shop shop;
    shop.ask("set a 0 0 1\r\nx\r\n");
    CHECK(stat(shop, "get_flushed") == "missing");
    CHECK(stat(shop, "reclaimed") == "missing");
    CHECK(stat(shop, "items:1:age", " items") == "missing");
    CHECK(stat(shop, "idle_kicks") == "0");
}

TEST_CASE("memcached stats: any number of connections is told of as fast as the client reads") {
    Shop shop;
    shop.host.connections = 20'000;
    shop.settings.keys_at_once = 1'000'000;
    std::string all = shop.ask("stats conns\r\nmn\r\n");
    CHECK(all.size() < shop.settings.output_bytes + 2'000);
    while (shop.session->goes_on()) {
        std::string more;
        shop.feed(more);
        CHECK(more.size() < shop.settings.output_bytes + 2'000);
        all += more;
    }
    std::size_t told = 0;
    for (std::size_t at = all.find(":addr "); at != all.npos; at = all.find(":addr ", at + 1))
        ++told;
    CHECK(told == 20'000);
    CHECK(all.starts_with("STAT 20006:addr "));
    CHECK(all.ends_with("STAT 7:secs_since_last_cmd 3\r\nEND\r\nMN\r\n"));
}

TEST_CASE("memcached stats: a long answer gives way to others, which is counted") {
    Shop shop;
    shop.host.connections = 100;
    shop.settings.keys_at_once = 20;
    std::string all = shop.ask("stats conns\r\nmn\r\n");
    CHECK(all.size() < 4'000);
    for (int turn = 0; turn < 3; ++turn) shop.feed(all);
    CHECK(shop.session->goes_on());
    shop.feed(all);
    CHECK(all.ends_with("END\r\nMN\r\n"));
    CHECK(stat(shop, "conn_yields") == "4");
}
