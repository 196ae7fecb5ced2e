#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "clacks/detail/completion.hpp"
#include "clacks/error.hpp"
#include "clacks/message.hpp"
#include "clacks/options.hpp"
#include "clacks/step.hpp"
#include "clacks/url.hpp"

namespace clacks {

namespace detail {
class Connection;
}

/// A connection to a node that stays: it is made again by itself when it is lost, and what was
/// listened to is listened to again.
///
///     clacks::Client client(io.get_executor(), {.url = "tls://exampleuser@localhost:49888",
///                                               .password = "unsafepassword"});
///     co_await client.async_connect(asio::use_awaitable);
///     client.listen("sensor::1");
///     for (;;) {
///         clacks::Message m = co_await client.async_receive(asio::use_awaitable);
///         …
///     }
///
/// Commands (listen, notify, store, …) are queued and return at once. Nothing confirms them; a
/// node that refuses one says so in a Message of kind error. async_flush tells whether all of them
/// were executed. They may be given before async_connect and while the connection is away: they
/// wait, up to Options::output_bytes, and go out in order. A command travels at most once: what
/// had been handed to the network when the connection broke is not sent again. The next flush,
/// and the disconnected message, tell.
///
/// Requests (async_retrieve, async_keys, async_flush) are answered in order, within
/// Options::reply_timeout. async_retrieve and async_keys are asked again after a reconnect.
/// A request that fails leaves its reason, in words, in diagnostic().
///
/// Every async_ function takes any completion token and supports cancellation (all types); a
/// cancelled one completes with asio::error::operation_aborted, and a message that it would have
/// taken stays for the next. Handlers run on their own executor, or on the client's, never inside
/// the call that started them.
///
/// All functions may be called from several threads at once; a mutex and a strand inside see to
/// it. The client runs on the executor it was given, whose context must outlive it.
class Client {
public:
    /// Does nothing yet. Options that cannot work are reported by async_connect.
    Client(boost::asio::any_io_executor executor, Options options);

    /// As close(); what is queued is still sent while the executor runs.
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    boost::asio::any_io_executor get_executor() const;

    /// Connects and logs in. Signature: void(error_code). Fails with Errc::login_failed,
    /// not_clacks, timeout, invalid_url, already_connected, closed, or the error of resolver,
    /// socket or TLS. After a failure it may be called again. Once it succeeded, the client
    /// reconnects by itself.
    template <class Token>
    auto async_connect(Token&& token);

    /// True from the node's welcome until the connection is lost.
    bool is_connected() const;

    /// The last failure in words, for people: why the node, the network or TLS said no. Empty
    /// while there was none.
    std::string diagnostic() const;

    /// Queues QUIT behind what waits to be sent, and ends: the connection closes when all is sent
    /// or after Options::close_timeout. Without a connection, what waits is dropped. Everything
    /// pending completes with Errc::closed, as does everything started later. For good: a closed
    /// client cannot connect again.
    void close();

    // Signals. Each returns no error, or Errc::invalid_name, queue_full, value_too_large, closed,
    // or what ended the client: nothing is queued for a connection that nobody tries to make.

    /// SETs and NOTIFYs of `name` arrive at async_receive from now on, across reconnects.
    /// Messages of this client itself do not come back. Listening twice is listening once.
    error_code listen(std::string_view name);
    error_code unlisten(std::string_view name);
    error_code notify(std::string_view name);
    /// A signal with a value: any bytes, line breaks included. Does not store.
    error_code set(std::string_view name, std::string_view value);
    /// A signal with a value that is also stored.
    error_code set_and_store(std::string_view name, std::string_view value);

    // The store. Errors as above.

    error_code store(std::string_view name, std::string_view value);
    error_code remove(std::string_view name);
    /// A value that is missing or no number counts as 0. Also: Errc::invalid_step.
    error_code increment(std::string_view name, const Step& step = {});
    error_code decrement(std::string_view name, const Step& step = {});
    /// Empties the store of the whole tree. Needs the permission to manage.
    error_code clear_cache();

    /// Every line of every connection of the node arrives as Message::Kind::debug, across
    /// reconnects. Needs the permission to manage.
    error_code monitor();
    error_code unmonitor();

    /// The value of `name`, or nothing if there is none. Signature:
    /// void(error_code, std::optional<std::string>). Fails with Errc::permission_denied, refused,
    /// timeout, invalid_name, queue_full, closed; with Options::reconnect off also disconnected.
    template <class Token>
    auto async_retrieve(std::string_view name, Token&& token);

    /// The names of all stored keys, sorted. Signature: void(error_code, std::vector<std::string>).
    /// Errors as async_retrieve.
    template <class Token>
    auto async_keys(Token&& token);

    /// Completes when the node has executed everything sent before. Signature: void(error_code).
    /// Fails with the first thing that went wrong since the flush before: Errc::permission_denied
    /// or refused if the node refused a command, disconnected if one may have been lost; with
    /// timeout if nothing is known; with queue_full, closed.
    template <class Token>
    auto async_flush(Token&& token);

    /// The next message. Signature: void(error_code, Message). When the client has ended and no
    /// message is left: Errc::closed, login_failed, or with Options::reconnect off disconnected.
    /// Several may wait; they are served in order.
    template <class Token>
    auto async_receive(Token&& token);

    /// A message that is already there, or nothing.
    std::optional<Message> try_receive();

private:
    using Done = void(error_code);
    using Retrieved = void(error_code, std::optional<std::string>);
    using Keys = void(error_code, std::vector<std::string>);
    using Received = void(error_code, Message);

    // What the templates hand over to, once the type of the handler no longer matters.
    static void connect(detail::Connection& c, detail::Completion<error_code> done);
    static void retrieve(detail::Connection& c, std::string_view name,
                         detail::Completion<error_code, std::optional<std::string>> done);
    static void keys(detail::Connection& c,
                     detail::Completion<error_code, std::vector<std::string>> done);
    static void flush(detail::Connection& c, detail::Completion<error_code> done);
    static void receive(detail::Connection& c, detail::Completion<error_code, Message> done);
    static boost::asio::any_io_executor executor(const detail::Connection& c);

    std::shared_ptr<detail::Connection> connection_;
};

template <class Token>
auto Client::async_connect(Token&& token) {
    return boost::asio::async_initiate<Token, Done>(
        [](auto&& handler, std::shared_ptr<detail::Connection> c) {
            connect(*c, {std::forward<decltype(handler)>(handler), executor(*c)});
        },
        token, connection_);
}

template <class Token>
auto Client::async_retrieve(std::string_view name, Token&& token) {
    return boost::asio::async_initiate<Token, Retrieved>(
        [](auto&& handler, std::shared_ptr<detail::Connection> c, const std::string& n) {
            retrieve(*c, n, {std::forward<decltype(handler)>(handler), executor(*c)});
        },
        token, connection_, std::string(name));
}

template <class Token>
auto Client::async_keys(Token&& token) {
    return boost::asio::async_initiate<Token, Keys>(
        [](auto&& handler, std::shared_ptr<detail::Connection> c) {
            keys(*c, {std::forward<decltype(handler)>(handler), executor(*c)});
        },
        token, connection_);
}

template <class Token>
auto Client::async_flush(Token&& token) {
    return boost::asio::async_initiate<Token, Done>(
        [](auto&& handler, std::shared_ptr<detail::Connection> c) {
            flush(*c, {std::forward<decltype(handler)>(handler), executor(*c)});
        },
        token, connection_);
}

template <class Token>
auto Client::async_receive(Token&& token) {
    return boost::asio::async_initiate<Token, Received>(
        [](auto&& handler, std::shared_ptr<detail::Connection> c) {
            receive(*c, {std::forward<decltype(handler)>(handler), executor(*c)});
        },
        token, connection_);
}

}  // namespace clacks
