#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

namespace chat {

namespace asio = boost::asio;

/// Tells when standard input can be read. Asio, given standard input itself, would make it
/// non-blocking; a terminal shares that with standard output and with the shell behind us. So Asio
/// is given an epoll descriptor that watches it.
class Input {
public:
    explicit Input(const asio::any_io_executor& executor);

    /// Returns when a read() would not block, at its end too.
    asio::awaitable<void> ready();

private:
    asio::posix::stream_descriptor watch_;
    bool is_file_ = false;
};

}  // namespace chat
