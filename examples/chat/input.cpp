#include "input.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <system_error>

namespace chat {

Input::Input(const asio::any_io_executor& executor)
    : watch_(executor, ::epoll_create1(EPOLL_CLOEXEC)) {
    epoll_event event{};
    event.events = EPOLLIN;
    if (::epoll_ctl(watch_.native_handle(), EPOLL_CTL_ADD, STDIN_FILENO, &event) == 0) return;
    // epoll refuses files and /dev/null: they can always be read.
    is_file_ = errno == EPERM;
    if (!is_file_) throw std::system_error(errno, std::generic_category(), "standard input");
}

asio::awaitable<void> Input::ready() {
    if (is_file_)
        co_await asio::post(watch_.get_executor(), asio::use_awaitable);
    else
        co_await watch_.async_wait(asio::posix::descriptor_base::wait_read, asio::use_awaitable);
}

}  // namespace chat
