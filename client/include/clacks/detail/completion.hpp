#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/append.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <memory>
#include <type_traits>
#include <utility>

namespace clacks::detail {

/// A handler of any type that waits for its call, and keeps its executor at work until then.
template <class... Args>
class Completion {
public:
    template <class Handler>
    Completion(Handler&& handler, boost::asio::any_io_executor io)
        : held_(std::make_unique<Held<std::decay_t<Handler>>>(std::forward<Handler>(handler),
                                                              std::move(io))) {}

    /// Calls the handler on its executor, never from here. Once.
    void operator()(Args... args) && { std::exchange(held_, nullptr)->call(std::move(args)...); }

    /// Calls `cancel` when the handler's owner cancels.
    template <class Cancel>
    void on_cancel(Cancel cancel) {
        auto slot = held_->slot();
        if (slot.is_connected())
            slot.assign([cancel = std::move(cancel)](boost::asio::cancellation_type) { cancel(); });
    }

private:
    struct Base {
        virtual ~Base() = default;
        virtual void call(Args... args) = 0;
        virtual boost::asio::cancellation_slot slot() const = 0;
    };

    template <class Handler>
    struct Held final : Base {
        template <class H>
        Held(H&& h, boost::asio::any_io_executor e)
            : handler(std::forward<H>(h)),
              io(std::move(e)),
              work(boost::asio::get_associated_executor(handler, io)) {}

        void call(Args... args) override {
            boost::asio::post(io, boost::asio::append(std::move(handler), std::move(args)...));
        }
        boost::asio::cancellation_slot slot() const override {
            return boost::asio::get_associated_cancellation_slot(handler);
        }

        Handler handler;
        boost::asio::any_io_executor io;
        boost::asio::executor_work_guard<
            boost::asio::associated_executor_t<Handler, boost::asio::any_io_executor>>
            work;
    };

    std::unique_ptr<Base> held_;
};

}  // namespace clacks::detail
