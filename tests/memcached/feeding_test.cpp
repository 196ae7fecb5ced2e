// What a session makes of input that is long, slow, wrong or not for it.
#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

#include "tests/allocations.hpp"
#include "tests/memcached/shop.hpp"

using namespace clacks::test;
using Ending = clacks::memcached::Session::Ending;

TEST_CASE("memcached: a size that lies costs no memory before the bytes come") {
    Shop shop;
    const auto before = allocation_count();
    CHECK(shop.ask("set a 0 0 1048576\r\n").empty());
    CHECK(shop.session->is_within_command(0));
    CHECK(allocation_count() - before < 5);
    for (int i = 0; i < 1000; ++i) shop.ask("x");
    CHECK(allocation_count() - before < 20);
}

TEST_CASE("memcached: a value beyond all limits is swallowed, with nothing kept of it") {
    Shop shop;
    CHECK(shop.ask("set a 0 0 2147483645\r\n") == "SERVER_ERROR object too large for cache\r\n");
    const std::string piece(1U << 20U, 'x');
    const auto before = allocation_count();
    for (int i = 0; i < 100; ++i) {
        std::string reply;
        CHECK(shop.session->feed(piece, shop.now, reply) == piece.size());
        CHECK(reply.empty());
    }
    CHECK(allocation_count() == before);
}

TEST_CASE("memcached: a line that does not end closes the connection") {
    for (const std::string begin : {"set ", "mg ", "md ", ""}) {
        CAPTURE(begin);
        Shop shop;
        CHECK(shop.ask(begin + std::string(2048 - begin.size(), 'x')).empty());
        CHECK(shop.session->ending() == Ending::none);
        CHECK(shop.ask("x").empty());
        CHECK(shop.session->ending() == Ending::closed);
        CHECK(shop.session->close_reason() == "line too long");
    }
}

TEST_CASE("memcached: a line that is too long closes the connection, ended or not") {
    Shop shop;
    CHECK(shop.ask("mn\r\nset " + std::string(3000, 'x') + " 0 0 1\r\nx\r\nmn\r\n") == "MN\r\n");
    CHECK(shop.session->ending() == Ending::closed);
}

TEST_CASE("memcached: a get may have many keys, up to a limit") {
    Shop shop;
    shop.settings.get_line_bytes = 10'000;
    std::string keys;
    for (int i = 0; i < 2000; ++i) keys += " a";
    shop.ask("set a 0 0 1\r\nx\r\n");
    const std::string reply = shop.ask("get" + keys + "\r\n");
    CHECK(reply.size() == 2000 * std::string("VALUE a 0 1\r\nx\r\n").size() + 5);
    CHECK(shop.ask("  gets" + keys + keys + keys).empty());
    CHECK(shop.session->ending() == Ending::closed);
}

TEST_CASE("memcached: gat may have as many keys as get") {
    Shop shop;
    std::string keys;
    for (int i = 0; i < 2000; ++i) keys += " a";
    shop.ask("set a 0 0 1\r\nx\r\n");
    const std::string reply = shop.ask("gat 0" + keys + "\r\n");
    CHECK(reply.size() == 2000 * std::string("VALUE a 0 1\r\nx\r\n").size() + 5);
    CHECK(shop.ask_in_pieces("gats 0" + keys + "\r\n", 100).ends_with("\r\nEND\r\n"));
}

TEST_CASE("memcached: a get of many keys that are not there lets others have their turn") {
    Shop shop;
    shop.settings.keys_at_once = 10;
    std::string keys;
    for (int i = 0; i < 95; ++i) keys += " a";
    std::string reply = shop.ask("get a\r\nget" + keys + "\r\nget a\r\nmn\r\n");
    CHECK(reply == "END\r\n");
    int turns = 1;
    for (; shop.session->goes_on(); ++turns) shop.feed(reply);
    CHECK(turns == 10);
    CHECK(reply == "END\r\nEND\r\nEND\r\nMN\r\n");
}

TEST_CASE("memcached: values that never end are bounded, all of them together") {
    Shop shop;
    shop.settings.item_bytes = 1000;
    shop.settings.gathered_bytes = 2500;
    std::vector<std::unique_ptr<Shop>> others;
    const std::string half(900, 'x');
    shop.ask("set a 0 0 1\r\nx\r\n");
    for (int i = 0; i < 2; ++i) {
        others.push_back(std::make_unique<Shop>());
        others.back()->join(shop);
        CHECK(others.back()->ask("set b 0 0 1000\r\n" + half).empty());
    }
    CHECK(shop.ask("set a 0 0 1000\r\n" + half) == "SERVER_ERROR out of memory storing object\r\n");
    CHECK(shop.ask(std::string(100, 'x') + "\r\nget a\r\n") == "END\r\n");
    CHECK(shop.host.partial_values.bytes() == 1800);
    CHECK(others[0]->ask(std::string(100, 'x') + "\r\n") == "STORED\r\n");
    others.pop_back();
    CHECK(shop.host.partial_values.bytes() == 0);
    CHECK(shop.ask("set a 0 0 1000\r\n" + half).empty());
    CHECK(shop.ask(std::string(100, 'x') + "\r\n") == "STORED\r\n");
}

TEST_CASE("memcached: a client that does not read makes us stop, and loses nothing") {
    Shop shop;
    shop.settings.output_bytes = 1000;
    shop.ask("set a 0 0 500\r\n" + std::string(500, 'x') + "\r\n");
    std::string keys;
    for (int i = 0; i < 100; ++i) keys += " a";
    std::string all = shop.ask("get" + keys + "\r\nmn\r\n");
    CHECK(all.size() < 2000);
    CHECK(shop.session->goes_on());
    int turns = 1;
    for (; shop.session->goes_on() || !shop.input.empty(); ++turns) {
        std::string reply;
        shop.feed(reply);
        CHECK(reply.size() < 2000);
        all += reply;
    }
    CHECK(turns >= 50);
    std::string expected;
    for (int i = 0; i < 100; ++i) expected += "VALUE a 0 500\r\n" + std::string(500, 'x') + "\r\n";
    CHECK(all == expected + "END\r\nMN\r\n");
}

TEST_CASE("memcached: the binary protocol is refused") {
    Shop shop;
    CHECK(shop.ask(std::string("\x80\x0b\0\0\0\0\0\0", 8)).empty());
    CHECK(shop.session->ending() == Ending::closed);
    CHECK(shop.session->close_reason() == "the binary protocol is not offered");
}

TEST_CASE("memcached: browsers are refused, and what they send is not executed") {
    for (const std::string line : {"GET / HTTP/1.1\r\n", "POST /x HTTP/1.0\n"}) {
        CAPTURE(line);
        Shop shop;
        CHECK(shop.ask(line + "set a 0 0 1\r\nx\r\n").empty());
        CHECK(shop.session->ending() == Ending::closed);
        CHECK(shop.cache.size() == 0);
    }
}

TEST_CASE("memcached: quit ends it, and nothing behind it is done") {
    Shop shop;
    CHECK(shop.ask("mn\r\nquit\r\nmn\r\n") == "MN\r\n");
    CHECK(shop.session->ending() == Ending::closed);
    CHECK(shop.session->close_reason().empty());
}

TEST_CASE("memcached: shutdown is for those who allow it") {
    Shop shop;
    shop.settings.shutdown = true;
    CHECK(shop.ask("shutdown foo\r\n") == "CLIENT_ERROR invalid shutdown mode\r\n");
    CHECK(shop.session->ending() == Ending::none);
    SUBCASE("") {
        CHECK(shop.ask("shutdown\r\n").empty());
        CHECK(shop.session->ending() == Ending::shutdown);
    }
    SUBCASE("graceful") {
        CHECK(shop.ask("shutdown graceful\r\n").empty());
        CHECK(shop.session->ending() == Ending::graceful_shutdown);
    }
}

TEST_CASE("memcached: flush_all may be forbidden") {
    Shop shop;
    shop.settings.flush_all = false;
    shop.ask("set a 0 0 1\r\nx\r\n");
    CHECK(shop.ask("flush_all\r\n") == "CLIENT_ERROR flush_all not allowed\r\n");
    CHECK(shop.ask("flush_all noreply\r\nmg a\r\n") == "HD\r\n");
}

TEST_CASE("memcached: a get, a miss and a set of the same size allocate nothing") {
    Shop shop;
    std::string reply;
    reply.reserve(10'000);
    const std::string commands =
        "get a b\r\ngets a\r\nset a 0 0 5\r\nworld\r\nmg a v f k\r\nmg b q\r\nms a 5 q\r\nhello\r\n"
        "delete b\r\n";
    shop.ask("set a 0 0 5\r\nhello\r\n");
    shop.session->feed(commands, shop.now, reply);
    const auto before = allocation_count();
    CHECK(shop.session->feed(commands, shop.now, reply) == commands.size());
    CHECK(allocation_count() == before);
}

TEST_CASE("memcached: an idle session keeps nothing of what it has done") {
    Shop shop;
    shop.ask("mn\r\n");
    const auto before = living_allocation_count();
    const std::string set = "set a 0 0 100000\r\n" + std::string(100'000, 'x') + "\r\n";
    shop.ask_in_pieces(set + "delete a\r\nget a b c\r\n", 1000);
    CHECK(living_allocation_count() - before < 5);  // the tombstone
}

TEST_CASE("memcached: whatever comes in whatever pieces, the answers are the same") {
    const std::vector<std::string> words = {
        "get",  "set",    "a",     "b",      "0",         "1",       "2",         " ",
        "  ",   "\r\n",   "\n",    "\r\n",   "noreply",   "mg",      "ms",        "ma",
        "md",   "v",      "T30",   "N1",     "I",         "k",       "q",         "O1",
        "incr", "cas",    "touch", "gat",    "x",         "-1",      "\x80",      "b",
        "YQ==", "append", "C5",    "delete", "flush_all", "version", "verbosity", "5\r\nhello\r\n",
        "\0"};
    std::mt19937_64 random(1);
    for (int round = 0; round < 3000; ++round) {
        std::string text;
        for (int i = 0; i < 60; ++i) {
            text += words[random() % words.size()];
            if (random() % 2) text += ' ';
        }
        Shop whole;
        Shop in_pieces;
        CAPTURE(text);
        const std::string reply = whole.ask(text);
        CHECK(in_pieces.ask_in_pieces(text, 1 + random() % 9) == reply);
        CHECK(whole.session->ending() == in_pieces.session->ending());
    }
}
