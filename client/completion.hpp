#pragma once

#include <boost/asio/any_completion_executor.hpp>
#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <tuple>
#include <utility>

namespace clacks::detail {

/// A handler that waits for its call, and keeps its executor at work until then.
template <class... Args>
class Completion {
public:
    using Handler = boost::asio::any_completion_handler<void(Args...)>;

    Completion(Handler handler, boost::asio::any_io_executor io)
        : handler_(std::move(handler)),
          io_(std::move(io)),
          work_(boost::asio::get_associated_executor(
              handler_, boost::asio::any_completion_executor(io_))) {}

    /// Calls the handler on its executor, never from here. Once.
    void operator()(Args... args) && {
        const auto executor = work_.get_executor();
        auto call = [handler = std::move(handler_), work = std::move(work_),
                     arguments = std::tuple<Args...>(std::move(args)...)]() mutable {
            std::apply(std::move(handler), std::move(arguments));
        };
        boost::asio::post(io_, boost::asio::bind_executor(executor, std::move(call)));
    }

    /// Calls `cancel` when the handler's owner cancels.
    template <class Cancel>
    void on_cancel(Cancel cancel) {
        auto slot = boost::asio::get_associated_cancellation_slot(handler_);
        if (slot.is_connected())
            slot.assign([cancel = std::move(cancel)](boost::asio::cancellation_type) { cancel(); });
    }

private:
    Handler handler_;
    boost::asio::any_io_executor io_;
    boost::asio::executor_work_guard<boost::asio::any_completion_executor> work_;
};

}  // namespace clacks::detail
