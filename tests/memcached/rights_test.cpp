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
