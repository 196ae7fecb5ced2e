#pragma once

#include <sys/epoll.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <span>
#include <system_error>

#include "bench/socket.hpp"

namespace clacks::bench {

/// epoll, level-triggered. Each connection is known by the number it was added with.
class Poller {
public:
    Poller() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {}

    void add(const Connection& connection, std::uint32_t number) {
        control(EPOLL_CTL_ADD, connection, number, EPOLLIN);
    }
    /// Whether the connection is also reported when it can be written.
    void watch_writable(const Connection& connection, std::uint32_t number, bool on) {
        control(EPOLL_CTL_MOD, connection, number, EPOLLIN | (on ? EPOLLOUT : 0U));
    }
    /// What is ready; empty after the timeout.
    std::span<const epoll_event> wait(std::chrono::nanoseconds timeout) {
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(timeout);
        const timespec time{seconds.count(), (timeout - seconds).count()};
        const int count = ::epoll_pwait2(epoll_.get(), events_.data(),
                                         static_cast<int>(events_.size()), &time, nullptr);
        if (count < 0) throw std::system_error(errno, std::generic_category(), "epoll");
        return {events_.data(), static_cast<std::size_t>(count)};
    }

private:
    void control(int what, const Connection& connection, std::uint32_t number, unsigned events) {
        epoll_event event{};
        event.events = events;
        event.data.u32 = number;
        if (::epoll_ctl(epoll_.get(), what, connection.descriptor(), &event) != 0)
            throw std::system_error(errno, std::generic_category(), "epoll");
    }

    Descriptor epoll_;
    std::array<epoll_event, 64> events_;
};

}  // namespace clacks::bench
