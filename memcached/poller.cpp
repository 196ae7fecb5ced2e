#include "memcached/poller.hpp"

#include <sys/epoll.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace clacks::memcached {
namespace {

/// So many connections have their turn before others of the io_context have theirs.
constexpr int most_at_once = 64;

int open_epoll() {
    const int fd = ::epoll_create1(EPOLL_CLOEXEC);
    if (fd < 0) throw std::system_error(errno, std::generic_category(), "epoll");
    return fd;
}

void control(int epoll, int how, int fd, void* whose, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.ptr = whose;
    if (::epoll_ctl(epoll, how, fd, &event) != 0) {
        throw std::system_error(errno, std::generic_category(), "epoll");
    }
}

}  // namespace

Poller::Poller(boost::asio::io_context& context, Ready ready, Done done)
    : epoll_(context, open_epoll()), ready_(std::move(ready)), done_(std::move(done)) {}

void Poller::start() {
    epoll_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                      [self = shared_from_this()](boost::system::error_code error) {
                          if (!error && !self->stopped_) self->on_ready();
                      });
}

void Poller::stop() {
    stopped_ = true;
    boost::system::error_code ignored;
    epoll_.close(ignored);
}

void Poller::add(int fd, void* whose, std::uint32_t events) {
    control(epoll_.native_handle(), EPOLL_CTL_ADD, fd, whose, events);
}

void Poller::watch(int fd, void* whose, std::uint32_t events) {
    control(epoll_.native_handle(), EPOLL_CTL_MOD, fd, whose, events);
}

/// Closing it would not be enough while somebody else has the same socket open.
void Poller::remove(int fd) noexcept {
    if (!stopped_) ::epoll_ctl(epoll_.native_handle(), EPOLL_CTL_DEL, fd, nullptr);
}

void Poller::on_ready() {
    std::array<epoll_event, most_at_once> events;
    const int count = ::epoll_wait(epoll_.native_handle(), events.data(), most_at_once, 0);
    for (int i = 0; i < count && !stopped_; ++i) {
        const auto& event = events[static_cast<std::size_t>(i)];
        ready_(event.data.ptr, event.events);
    }
    done_();
    if (!stopped_) start();
}

}  // namespace clacks::memcached
