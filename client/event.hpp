#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace clacks::detail {

/// Wakes one waiting coroutine. A notify without a waiter is kept for the next wait. Lives on one
/// strand.
class Event {
public:
    explicit Event(const boost::asio::any_io_executor& executor)
        : timer_(executor, boost::asio::steady_timer::time_point::max()) {}

    boost::asio::awaitable<void> wait() {
        boost::system::error_code cancelled;
        if (!notified_)
            co_await timer_.async_wait(
                boost::asio::redirect_error(boost::asio::use_awaitable, cancelled));
        notified_ = false;
    }

    void notify() {
        notified_ = true;
        timer_.cancel();
    }

private:
    boost::asio::steady_timer timer_;
    bool notified_ = false;
};

}  // namespace clacks::detail
