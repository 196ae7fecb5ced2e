#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <tuple>
#include <utility>

#include "clacks/detail/completion.hpp"
#include "client/event.hpp"
#include "client/failure.hpp"
#include "client/session_protocol.hpp"
#include "client/tls.hpp"
#include "client/transport.hpp"

namespace clacks::detail {

/// Drives a SessionProtocol over real sockets: the body of clacks::Client.
///
///     any thread ──▶ SessionProtocol, inbox, handlers     under mutex_, never held while waiting
///                              ▲
///     strand:  run ──▶ attempt ┬─ read_loop    one after the other: connect, serve, wait, again
///                              ├─ write_loop   takes all output at once, one write at a time
///                              └─ timer        the session's deadline, the only one armed
///
/// Everything named `on the strand` is touched nowhere else.
class Connection : public std::enable_shared_from_this<Connection> {
public:
    using ConnectDone = Completion<error_code>;
    using ReceiveDone = Completion<error_code, Message>;

    Connection(boost::asio::any_io_executor executor, Options options);

    const boost::asio::any_io_executor& executor() const { return executor_; }
    bool ready() const;
    std::string diagnostic() const;
    Features features() const;

    void connect(ConnectDone done);
    void close();

    /// Calls `command(SessionProtocol&)` and sees that what it queued is sent.
    template <class Command>
    error_code execute(Command command) {
        const std::lock_guard lock(mutex_);
        if (ended_) return ended_.error;
        const error_code error = command(session_);
        wake();
        return error;
    }

    /// Completes with what the replies mean as a Result: see answer.hpp; a flush has none.
    template <class... Result>
    void ask(Question question, Completion<error_code, Result...> done) {
        ask(std::move(question), std::make_unique<WaitingFor<Result...>>(std::move(done)));
    }
    void receive(ReceiveDone done);
    std::optional<Message> try_receive();

private:
    using Strand = boost::asio::strand<boost::asio::any_io_executor>;
    using Self = std::shared_ptr<Connection>;

    /// Who asked, whatever type of answer it wants.
    struct Waiting {
        virtual ~Waiting() = default;
        virtual void answer(Answer& answer) = 0;
        virtual void on_cancel(std::function<void()> cancel) = 0;
    };
    template <class... Result>
    struct WaitingFor final : Waiting {
        explicit WaitingFor(Completion<error_code, Result...> d) : done(std::move(d)) {}
        void answer(Answer& a) override {
            std::tuple<Result...> results;
            if (!a.failure) (read(a.replies, std::get<Result>(results)), ...);
            std::move(done)(a.failure.error, std::move(std::get<Result>(results))...);
        }
        void on_cancel(std::function<void()> cancel) override { done.on_cancel(std::move(cancel)); }

        Completion<error_code, Result...> done;
    };

    void ask(Question question, std::unique_ptr<Waiting> waiting);

    // The caller holds mutex_.
    void deliver();
    void wake();
    void end(const Failure& why);
    Message take_message();
    bool gives_up(const Failure& failure);

    // Cancellation: any thread.
    void cancel_connect();
    void cancel_request(RequestId id);
    void cancel_receive(std::uint64_t id);

    // On the strand.
    static boost::asio::awaitable<void> run(Self self);
    static boost::asio::awaitable<void> read_loop(Self self);
    static boost::asio::awaitable<void> write_loop(Self self);
    static boost::asio::awaitable<Failure> attempt(Self self);
    static boost::asio::awaitable<Failure> establish(Self self);
    static boost::asio::awaitable<void> pause(Self self, std::chrono::milliseconds delay);
    void start();
    void stopped(const std::exception_ptr& escaped);
    void received(std::span<char> bytes);
    bool finished(const Failure& failure);
    void on_wake();
    void on_close();
    void on_timer();
    void arm_timer();
    void drop(Failure why);

    const boost::asio::any_io_executor executor_;
    const Options options_;
    const boost::system::result<Url> url_;
    const Strand strand_;

    mutable std::mutex mutex_;
    SessionProtocol session_;
    std::optional<ConnectDone> connecting_;  ///< until the first login
    std::map<RequestId, std::unique_ptr<Waiting>> requests_;
    std::map<std::uint64_t, ReceiveDone> receivers_;  ///< in order of arrival
    std::uint64_t last_receiver_ = 0;
    std::string diagnostic_;
    Failure ended_;                     ///< why nothing is taken until the next connect
    bool running_ = false;              ///< run() is at work
    bool closing_ = false;              ///< close() was called
    bool abandoned_ = false;            ///< the connect was cancelled
    bool writer_idle_ = false;          ///< waits for output_ready_
    bool reader_paused_ = false;        ///< waits for input_wanted_
    bool wake_posted_ = false;          ///< on_wake is on its way
    MonoTime armed_ = MonoTime::max();  ///< when timer_ fires

    // On the strand. tls_ also in connect(), while run() is not at work.
    Tls tls_;
    std::unique_ptr<Transport> transport_;
    Failure dropped_;                      ///< why this attempt ends
    std::optional<MonoTime> ready_since_;  ///< this attempt's login
    bool establishing_ = false;
    Event output_ready_;
    Event input_wanted_;
    boost::asio::steady_timer timer_;     ///< the session's deadline
    boost::asio::steady_timer patience_;  ///< for connecting, between attempts, for closing
    std::minstd_rand random_;
    std::uniform_real_distribution<double> jitter_{0, 1};
};

}  // namespace clacks::detail
