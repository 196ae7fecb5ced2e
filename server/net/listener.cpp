#include "server/net/listener.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace clacks::net {

namespace {

/// So many connections are accepted before the worker looks after its sessions again.
constexpr int most_a_turn = 64;

/// Out of descriptors, most likely: somebody has to close one first.
constexpr std::chrono::milliseconds pause_after_error{100};

}  // namespace

Listener::Listener(Worker& worker, transport::ListeningSocket socket, std::string url,
                   Accepted accepted)
    : worker_(worker),
      socket_(std::move(socket)),
      url_(std::move(url)),
      accepted_(std::move(accepted)),
      descriptor_(worker.context(), socket_.fd()),
      pause_(worker.context()) {}

Listener::~Listener() { descriptor_.release(); }  // the socket closes its descriptor itself

void Listener::start() { wait(); }

void Listener::wait() {
    descriptor_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                           [this](boost::system::error_code error) {
                               if (!error) accept();
                           });
}

void Listener::accept() {
    for (int i = 0; i < most_a_turn; ++i) {
        sockaddr_storage from{};
        socklen_t length = sizeof from;
        transport::OwnedFd fd(::accept4(socket_.fd(), reinterpret_cast<sockaddr*>(&from), &length,
                                        SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (fd.get() < 0) {
            if (errno == EAGAIN || errno == EWOULDBLOCK) break;
            if (errno == EINTR || errno == ECONNABORTED) continue;
            return pause(errno);
        }
        if (from.ss_family == AF_INET || from.ss_family == AF_INET6) {
            const int on = 1;
            ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        }
        accepted_(std::move(fd), transport::describe(from));
    }
    wait();
}

void Listener::pause(int error) {
    worker_.log().error("accept_failed", {{"listen", url_}, {"error", std::strerror(error)}});
    pause_.expires_after(pause_after_error);
    pause_.async_wait([this](boost::system::error_code stopped) {
        if (!stopped) accept();
    });
}

}  // namespace clacks::net
