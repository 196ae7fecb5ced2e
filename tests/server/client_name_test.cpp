#include "server/memcached/client_name.hpp"

#include <doctest/doctest.h>

using namespace clacks::server;

TEST_CASE("client name: it is as memcached shows it, and says where the client is from") {
    const auto at_port = [] {
        Doors::Door door;
        door.address.where = clacks::transport::TlsAddress{"0.0.0.0", 11211};
        return door;
    }();
    const auto at_socket = [] {
        Doors::Door door;
        door.address.where = clacks::transport::UnixAddress{.path = "/run/x:1", .group = ""};
        return door;
    }();
    CHECK(client_name({"192.0.2.1", "50000"}, at_port) == "tcp:192.0.2.1:50000");
    CHECK(client_name({"2001:db8::1", "50000"}, at_port) == "tcp:[2001:db8::1]:50000");
    CHECK(client_name({"unixdomainsocket", "1"}, at_socket) == "unix:/run/x:1");

    CHECK(host_of("tcp:192.0.2.1:50000") == "192.0.2.1");
    CHECK(host_of("tcp:[2001:db8::1]:50000") == "2001:db8::1");
    CHECK(host_of("unix:/run/x:1") == "unixdomainsocket");
    for (const auto* odd : {"", "tcp:", "tcp:x", "tcp:[", "tcp:[:1"}) {
        CAPTURE(odd);
        CHECK(host_of(odd).size() <= 16);
    }
}
