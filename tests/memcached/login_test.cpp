#include <doctest/doctest.h>

#include <string>

#include "tests/memcached/shop.hpp"

using namespace clacks::test;
using Ending = clacks::memcached::Session::Ending;

TEST_CASE("memcached login: name and password come as the first value") {
    for (const std::size_t size : {1, 5, 1000}) {
        CAPTURE(size);
        Shop shop(nullptr);
        CHECK(shop.ask_in_pieces("set x 0 0 14\r\nuser pass word\r\nset a 0 0 1\r\nx\r\nget a\r\n",
                                 size) == "STORED\r\nSTORED\r\nVALUE a 0 1\r\nx\r\nEND\r\n");
        CHECK(shop.session->is_logged_in());
        CHECK(shop.ask("stats\r\n").find("STAT auth_cmds 1\r\nSTAT auth_errors 0\r\n") !=
              std::string::npos);
    }
}

TEST_CASE("memcached login: nothing else is done before") {
    struct Row {
        const char* request;
        const char* reply;
    };
    for (const Row& row : {
             Row{"get a\r\n", "CLIENT_ERROR unauthenticated\r\n"},
             Row{"mn\r\n", "CLIENT_ERROR unauthenticated\r\n"},
             Row{"\r\n", "CLIENT_ERROR unauthenticated\r\n"},
             Row{"add x 0 0 1\r\n", "CLIENT_ERROR unauthenticated\r\n"},
             Row{"set x 0 0 y\r\n", "CLIENT_ERROR unauthenticated\r\n"},
             Row{"set x 0 0\r\n", "CLIENT_ERROR unauthenticated\r\n"},
             Row{"set x 0 0 8\r\nuser bad\r\n", "CLIENT_ERROR authentication failure\r\n"},
             Row{"set x 0 0 8\r\nuserpass\r\n", "CLIENT_ERROR bad authentication token format\r\n"},
             Row{"set x 0 0 7\r\nuser passw", "CLIENT_ERROR bad command line termination\r\n"},
         }) {
        CAPTURE(std::string(row.request));
        Shop shop(nullptr);
        CHECK(shop.ask(row.request) == row.reply);
        CHECK_FALSE(shop.session->is_logged_in());
        CHECK(shop.cache.size() == 0);
    }
    Shop shop(nullptr);
    CHECK(shop.ask("set x 0 0 1000\r\n" + std::string(1000, 'x') + "\r\nget a\r\n") ==
          "CLIENT_ERROR auth token too long\r\nCLIENT_ERROR unauthenticated\r\n");
    shop.ask("get " + std::string(3000, 'x'));
    CHECK(shop.session->ending() == Ending::closed);
}

TEST_CASE("memcached login: after a few wrong passwords the connection ends") {
    Shop shop(nullptr);
    std::string guesses;
    for (int i = 0; i < 10; ++i) guesses += "set x 0 0 8\r\nuser bad\r\n";
    CHECK(shop.ask(guesses) ==
          "CLIENT_ERROR authentication failure\r\nCLIENT_ERROR authentication failure\r\n"
          "CLIENT_ERROR authentication failure\r\n");
    CHECK(shop.session->ending() == Ending::closed);
    CHECK(shop.session->close_reason() == "too many wrong passwords");
}

TEST_CASE("memcached login: the program is told who tries, and may not look at it") {
    Shop shop(nullptr);
    shop.host.looks_at_no_login = true;
    CHECK(shop.ask("set x 0 0 14\r\nuser pass word\r\nget a\r\n") ==
          "SERVER_ERROR too many failed logins from this address, try again later\r\n"
          "CLIENT_ERROR unauthenticated\r\n");
    CHECK(shop.host.client == "tcp:test");
    shop.host.looks_at_no_login = false;
    CHECK(shop.ask("set x 0 0 14\r\nuser pass word\r\n") == "STORED\r\n");
}

TEST_CASE("memcached login: it needs no room where values are gathered that are not there whole") {
    Shop member;
    member.settings.item_bytes = member.settings.gathered_bytes = 1000;
    CHECK(member.ask("set a 0 0 1000\r\n" + std::string(1000, 'x')).empty());
    Shop client;
    client.join(member, nullptr);
    CHECK(client.ask_in_pieces("set x 0 0 14\r\nuser pass word\r\nget a\r\n", 5) ==
          "STORED\r\nEND\r\n");
    CHECK(member.ask("\r\nget a\r\n").starts_with("STORED\r\nVALUE a 0 1000\r\n"));
}
