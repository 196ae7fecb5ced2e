#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstdint>
#include <functional>
#include <memory>

namespace clacks::memcached {

/// Many sockets of an io_context behind one descriptor: an epoll of their own, level-triggered.
///
/// A socket of Asio's costs a system call more for each wait, and 300 bytes; here the waits of all
/// that are ready at once are one. On the thread of the io_context.
class Poller : public std::enable_shared_from_this<Poller> {
public:
    /// Called for each that is ready, with what it was added with and epoll's events.
    using Ready = std::function<void(void* whose, std::uint32_t events)>;
    /// Called when all of them have been.
    using Done = std::function<void()>;

    /// Throws std::system_error.
    Poller(boost::asio::io_context& context, Ready ready, Done done);

    void start();
    /// Calls nobody any more.
    void stop();

    // These throw std::system_error.
    void add(int fd, void* whose, std::uint32_t events);
    void watch(int fd, void* whose, std::uint32_t events);
    /// Before it is closed. In the turn in which it was ready it may be called all the same.
    void remove(int fd) noexcept;

private:
    void on_ready();

    boost::asio::posix::stream_descriptor epoll_;
    const Ready ready_;
    const Done done_;
    bool stopped_ = false;
};

}  // namespace clacks::memcached
