#include "tests/processes/free_port.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <random>

namespace clacks::test {

namespace {

bool can_be_bound(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto* name = reinterpret_cast<const sockaddr*>(&address);
    const bool bound = ::bind(fd, name, sizeof address) == 0;
    ::close(fd);
    return bound;
}

}  // namespace

int free_port() {
    static std::mt19937 random{std::random_device{}()};
    std::uniform_int_distribution<int> any(20000, 32000);
    int port = any(random);
    while (!can_be_bound(port)) port = any(random);
    return port;
}

}  // namespace clacks::test
