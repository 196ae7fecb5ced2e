#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <chrono>
#include <utility>

#include "client/connection.hpp"
#include "protocol/backoff.hpp"

// The strand's part of Connection: one connection after the other.
namespace clacks::detail {

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;

namespace {

/// A TLS record holds 16 KiB; a unix socket gives more at once.
constexpr std::size_t read_bytes = std::size_t{64} * 1024;
/// A buffer that a burst has made larger is given back.
constexpr std::size_t idle_buffer_bytes = std::size_t{64} * 1024;

MonoTime now() { return std::chrono::steady_clock::now(); }

}  // namespace

void Connection::start() {
    asio::co_spawn(strand_, run(shared_from_this()),
                   [self = shared_from_this()](const std::exception_ptr& escaped) {
                       if (escaped) self->stopped(escaped);
                   });
}

asio::awaitable<void> Connection::run(Self self) {
    protocol::Backoff backoff(self->options_.reconnect_delay, self->options_.reconnect_delay_max);
    while (!self->finished({})) {
        const Failure failure = co_await attempt(self);
        if (self->finished(failure)) co_return;
        // One that lasted starts from the beginning; a node that throws us out at once does not.
        if (self->ready_since_ && now() - *self->ready_since_ > self->options_.reconnect_delay_max)
            backoff.reset();
        co_await pause(self, failure.wait + backoff.next(self->jitter_(self->random_)));
    }
}

/// One connection, from the name to its loss. Returns why it ended.
asio::awaitable<Failure> Connection::attempt(Self self) {
    self->dropped_ = {};
    self->ready_since_.reset();
    self->transport_ = make_transport(self->strand_, *self->url_, self->tls_);
    Failure failure = co_await establish(self);
    if (!failure) {
        {
            const std::lock_guard lock(self->mutex_);
            // What is lost with it must not be lost behind the back of who waits for a connect.
            using FirstFlight = SessionProtocol::FirstFlight;
            const bool loss_is_told = self->connecting_ && !self->options_.keep_trying;
            self->session_.connected(now(),
                                     loss_is_told ? FirstFlight::everything : FirstFlight::login);
        }
        self->arm_timer();
        co_await (read_loop(self) && write_loop(self));
        failure = std::exchange(self->dropped_, {});
    }
    self->transport_.reset();
    failure.text = to_string(*self->url_) + ": " + failure.text;
    const std::lock_guard lock(self->mutex_);
    self->diagnostic_ = failure.text;
    self->session_.disconnected(failure);
    self->deliver();
    co_return failure;
}

asio::awaitable<Failure> Connection::establish(Self self) {
    self->establishing_ = true;
    self->patience_.expires_after(self->options_.connect_timeout);
    self->patience_.async_wait([self](error_code cancelled) {
        if (!cancelled && self->establishing_) self->drop({Errc::timeout, "no connection in time"});
    });
    const Failure failure = co_await self->transport_->connect();
    self->establishing_ = false;
    self->patience_.cancel();
    co_return self->dropped_ ? self->dropped_ : failure;
}

asio::awaitable<void> Connection::read_loop(Self self) {
    std::vector<char> buffer(read_bytes);
    while (!self->dropped_) {
        {
            const std::lock_guard lock(self->mutex_);
            self->reader_paused_ = !self->session_.wants_input();
        }
        if (self->reader_paused_) {
            co_await self->input_wanted_.wait();
            const std::lock_guard lock(self->mutex_);
            self->session_.resume(now());
            continue;
        }
        error_code error;
        const std::size_t n = co_await self->transport_->read(buffer, error);
        if (n != 0) self->received(std::span(buffer).first(n));
        if (!error) continue;
        const std::lock_guard lock(self->mutex_);
        const bool ended = error == asio::error::eof || error == asio::ssl::error::stream_truncated;
        self->drop(ended ? self->session_.end_of_stream() : Failure{error, error.message()});
    }
}

asio::awaitable<void> Connection::write_loop(Self self) {
    std::string buffer;
    while (!self->dropped_) {
        {
            const std::lock_guard lock(self->mutex_);
            self->session_.take_output(buffer);
            self->writer_idle_ = buffer.empty();
        }
        if (buffer.empty()) {
            co_await self->output_ready_.wait();
            continue;
        }
        const error_code error = co_await self->transport_->write(buffer);
        // A node that ends a login says why, and what it says may still be there to be read; then
        // the reader finds the end, too.
        if (error && !self->ready_since_) co_return;
        if (error) self->drop({error, error.message()});
        if (buffer.capacity() > idle_buffer_bytes) buffer = {};
    }
}

void Connection::received(std::span<char> bytes) {
    Failure failure;
    {
        const std::lock_guard lock(mutex_);
        failure = session_.receive(bytes, now());
        if (session_.ready() && !ready_since_) {
            ready_since_ = now();
            transport_->keep_session();
            if (connecting_) std::move (*connecting_)({});
            connecting_.reset();
        }
        deliver();
        wake();
    }
    if (failure) drop(std::move(failure));
}

/// Ends the attempt that is under way, or the pause before the next.
void Connection::drop(Failure why) {
    if (!dropped_) dropped_ = std::move(why);
    if (transport_) transport_->close();
    patience_.cancel();
    output_ready_.notify();
    input_wanted_.notify();
}

bool Connection::finished(const Failure& failure) {
    const std::lock_guard lock(mutex_);
    if (!gives_up(failure)) return false;
    running_ = false;
    timer_.cancel();
    patience_.cancel();
    armed_ = MonoTime::max();
    if (!closing_) {
        const bool lost = !connecting_ && failure.error != Errc::login_failed;
        end(abandoned_ ? Failure{asio::error::operation_aborted, "the connect was cancelled"}
            : lost     ? Failure{Errc::disconnected, failure.text}
                       : failure);
    }
    return true;
}

bool Connection::gives_up(const Failure& failure) {
    if (closing_ || abandoned_) return true;
    if (!failure) return false;
    if (failure.error == Errc::login_failed) return true;
    if (!connecting_) return !options_.reconnect;
    return !options_.keep_trying || failure.error == Errc::not_clacks;
}

void Connection::stopped(const std::exception_ptr& escaped) {
    Failure failure{Errc::disconnected, "the client failed"};
    try {
        std::rethrow_exception(escaped);
    } catch (const boost::system::system_error& e) {
        failure = {e.code(), e.code().message()};  // what() would say it twice
    } catch (const std::exception& e) {
        failure.text = e.what();
    }
    const std::lock_guard lock(mutex_);
    transport_.reset();
    running_ = false;
    diagnostic_ = failure.text;
    session_.disconnected(failure);
    if (!closing_) end(failure);
}

asio::awaitable<void> Connection::pause(Self self, std::chrono::milliseconds delay) {
    error_code cancelled;
    self->patience_.expires_after(delay);
    co_await self->patience_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
}

void Connection::on_wake() {
    {
        const std::lock_guard lock(mutex_);
        wake_posted_ = false;
    }
    output_ready_.notify();
    input_wanted_.notify();
    arm_timer();
}

void Connection::on_close() {
    timer_.cancel();
    {
        const std::lock_guard lock(mutex_);
        wake();
        if (!session_.offline()) {
            // The node closes when it has read the QUIT; what it still sends is thrown away.
            patience_.expires_after(options_.close_timeout);
            patience_.async_wait([self = shared_from_this()](error_code cancelled) {
                if (!cancelled) self->drop({Errc::closed, "closed"});
            });
            return;
        }
    }
    drop({Errc::closed, "closed"});
}

void Connection::arm_timer() {
    MonoTime next;
    {
        const std::lock_guard lock(mutex_);
        next = session_.deadline();
        if (closing_ || next >= armed_) return;
        armed_ = next;
    }
    timer_.expires_at(next);
    timer_.async_wait([self = shared_from_this()](error_code cancelled) {
        if (!cancelled) self->on_timer();
    });
}

void Connection::on_timer() {
    Failure failure;
    {
        const std::lock_guard lock(mutex_);
        armed_ = MonoTime::max();
        failure = session_.tick(now());
        deliver();
        wake();
    }
    if (failure) drop(std::move(failure));
    arm_timer();
}

}  // namespace clacks::detail
