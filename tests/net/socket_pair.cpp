#include "tests/net/socket_pair.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>
#include <vector>

namespace clacks::test {

namespace {

constexpr int patience_ms = 30'000;

void wait(int fd, short event) {
    pollfd each{fd, event, 0};
    if (::poll(&each, 1, patience_ms) != 1) throw std::runtime_error("nothing happens on a socket");
}

}  // namespace

SocketPair::SocketPair() {
    std::array<int, 2> both{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, both.data()) != 0) {
        throw std::system_error(errno, std::generic_category(), "socketpair");
    }
    ours_ = both[0];
    theirs_ = both[1];
}

SocketPair::~SocketPair() {
    ::close(ours_);
    close_theirs();
}

void SocketPair::close_theirs() {
    if (theirs_ >= 0) ::close(std::exchange(theirs_, -1));
}

std::string SocketPair::read() const {
    std::string all;
    std::vector<char> chunk(64U << 10U);
    for (;;) {
        const auto got = ::recv(theirs_, chunk.data(), chunk.size(), 0);
        if (got <= 0) return all;
        all.append(chunk.data(), static_cast<std::size_t>(got));
    }
}

std::string SocketPair::read(std::size_t count) const {
    std::string all = read();
    while (all.size() < count) {
        wait(theirs_, POLLIN);
        all += read();
    }
    return all;
}

void SocketPair::wait_writable() const { wait(ours_, POLLOUT); }

}  // namespace clacks::test
