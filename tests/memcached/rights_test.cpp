#include <doctest/doctest.h>

#include <string>

#include "tests/memcached/shop.hpp"

using namespace clacks::test;

namespace {

/// May read what begins with r, write what begins with w, and both with b.
class SomeRights : public clacks::memcached::Rights {
public:
    bool may_read(std::string_view key) const override { return key.find_first_of("rb") == 0; }
    bool may_write(std::string_view key) const override { return key.find_first_of("wb") == 0; }
    bool may_manage() const override { return false; }
};

}  // namespace

TEST_CASE("memcached rights: what is not allowed is not done, and said") {
    const SomeRights rights;
    Shop shop(&rights);
    const std::string denied = "CLIENT_ERROR permission denied\r\n";
    CHECK(shop.ask("get r\r\n") == "END\r\n");
    CHECK(shop.ask("set w 0 0 1\r\nx\r\nms w 1\r\nx\r\n") == "STORED\r\nHD\r\n");
    CHECK(shop.ask("delete w\r\nincr b 1\r\ntouch w 1\r\nma b\r\n") ==
          "DELETED\r\nNOT_FOUND\r\nNOT_FOUND\r\nNF\r\n");
    for (const std::string request : {"get w\r\n",
                                      "get r w\r\n",
                                      "gat 1 r\r\n",
                                      "gat 1 w\r\n",
                                      "mg w\r\n",
                                      "mg r T1\r\n",
                                      "mg r N1\r\n",
                                      "me w\r\n",
                                      "set r 0 0 2\r\nmn\r\n",
                                      "ms r 2\r\nmn\r\n",
                                      "cas r 0 0 2 1\r\nmn\r\n",
                                      "delete r\r\n",
                                      "incr r 1\r\n",
                                      "incr w 1\r\n",
                                      "ma w\r\n",
                                      "touch r 1\r\n",
                                      "ma r\r\n",
                                      "md r\r\n",
                                      "flush_all\r\n",
                                      "shutdown\r\n",
                                      "stats reset\r\n",
                                      "stats conns\r\n",
                                      "cache_memlimit 64\r\n",
                                      "mg dw== b\r\n"}) {
        CAPTURE(request);
        CHECK(shop.ask(request) == denied);
    }
    CHECK(shop.ask("set r 0 0 2 noreply\r\nmn\r\nversion\r\nmn\r\n") == "VERSION 1.6.38\r\nMN\r\n");
}

TEST_CASE("memcached rights: those of a long get are looked at in turns, before the first answer") {
    const SomeRights rights;
    Shop shop(&rights);
    shop.settings.keys_at_once = 10;
    std::string keys;
    for (int i = 0; i < 95; ++i) keys += " b";
    std::string reply = shop.ask("get" + keys + " w\r\nmn\r\n");
    int turns = 1;
    for (; shop.session->goes_on(); ++turns) {
        CHECK(reply.empty());
        shop.feed(reply);
    }
    CHECK(turns == 10);
    CHECK(reply == "CLIENT_ERROR permission denied\r\nMN\r\n");
    CHECK(shop.ask("set b 0 0 1\r\nx\r\n") == "STORED\r\n");
    reply = shop.ask("gat 0" + keys + "\r\nmn\r\n");
    for (turns = 1; shop.session->goes_on(); ++turns) shop.feed(reply);
    CHECK(turns == 19);
    CHECK(reply.size() == 95 * std::string("VALUE b 0 1\r\nx\r\n").size() + 5 + 4);
}
