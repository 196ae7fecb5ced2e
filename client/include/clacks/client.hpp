#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/compose.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "clacks/condition.hpp"
#include "clacks/detail/completion.hpp"
#include "clacks/detail/key_walk.hpp"
#include "clacks/detail/question.hpp"
#include "clacks/error.hpp"
#include "clacks/fields.hpp"
#include "clacks/keys.hpp"
#include "clacks/message.hpp"
#include "clacks/monitor_filter.hpp"
#include "clacks/options.hpp"
#include "clacks/step.hpp"
#include "clacks/stored.hpp"
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
/// What is given before or during the first async_connect goes out with the login, so that the
/// first answer comes one round trip after the handshake; a node that refuses the login has done
/// none of it, and it stays queued. Where connecting is tried again and again (a reconnect,
/// Options::keep_trying) it waits for the welcome, so that no attempt loses it.
///
/// Requests (async_retrieve, async_keys, async_flush, …) are answered in order, within
/// Options::reply_timeout. Those that only read are asked again after a reconnect; a conditional
/// store or a counting that was on its way fails with Errc::disconnected: it may have been done.
/// A request that fails leaves its reason, in words, in diagnostic().
///
/// What is marked [expiry] and so on needs a node with that feature, see features(): every clacksd
/// has them, no Net::Clacks node. Without it the command or request fails with Errc::not_supported.
/// A command that was given while no connection stood is told by the next flush instead.
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
    /// login_delayed, not_clacks, timeout, invalid_url, already_connected, closed, or the error of
    /// resolver, socket or TLS. After a failure it may be called again. Once it succeeded, the
    /// client reconnects by itself.
    template <class Token>
    auto async_connect(Token&& token);

    /// True from the node's welcome until the connection is lost.
    bool is_connected() const;

    /// What the node of this connection offers beyond Net::Clacks, in the words of protocol.txt,
    /// FEATURES. Known when async_connect has completed: it is asked with the login. Empty for a
    /// plain node, and while there is no connection.
    std::set<std::string, std::less<>> features() const;

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
    /// [patterns]: levels are separated by `::`; a level `*` stands for one level, `**` at the end
    /// for one or more. Messages carry the name they were sent with, and come once, however many
    /// listens match.
    /// [gaps]: who takes messages too slowly is told what was left out, with Message::Kind::gap; on
    /// another node that costs the connection, which is then made again.
    [[nodiscard]] error_code listen(std::string_view name);
    [[nodiscard]] error_code unlisten(std::string_view name);
    [[nodiscard]] error_code notify(std::string_view name);
    /// A signal with a value: any bytes, line breaks included. Does not store.
    [[nodiscard]] error_code set(std::string_view name, std::string_view value);
    /// A signal with a value that is also stored.
    [[nodiscard]] error_code set_and_store(std::string_view name, std::string_view value);

    // The store. Errors as above.

    [[nodiscard]] error_code store(std::string_view name, std::string_view value);
    /// Stores a data structure for Perl programs: the cache client of Net::Clacks reads `yaml` as
    /// such, everybody else as text. Whether it is YAML is not checked here.
    [[nodiscard]] error_code store_yaml(std::string_view name, std::string_view yaml);
    /// [expiry] Stores a value that is gone after `lifetime`, on every node at the same instant.
    /// Also: Errc::invalid_lifetime.
    [[nodiscard]] error_code store_for(std::string_view name, std::string_view value,
                                       std::chrono::microseconds lifetime);
    /// [flags] Stores with what memcached's clients keep with a value. A lifetime of zero is for
    /// ever.
    [[nodiscard]] error_code store_with_flags(std::string_view name, std::string_view value,
                                              std::uint32_t flags,
                                              std::chrono::microseconds lifetime = {});
    /// [expiry] Lets the value of `name`, if there is one, end then; zero: never.
    [[nodiscard]] error_code expire(std::string_view name, std::chrono::microseconds lifetime);
    [[nodiscard]] error_code remove(std::string_view name);
    /// A value that is missing or no number counts as 0. Also: Errc::invalid_step.
    [[nodiscard]] error_code increment(std::string_view name, const Step& step = {});
    [[nodiscard]] error_code decrement(std::string_view name, const Step& step = {});
    /// Empties the store of the whole tree. Needs the permission to manage.
    [[nodiscard]] error_code clear_cache();

    /// Every line of every connection of the node arrives as Message::Kind::debug, across
    /// reconnects. Needs the permission to manage. With a filter [monitor_filter] only those that
    /// meet all its conditions, and Errc::invalid_query for what no node takes; the last one
    /// counts.
    [[nodiscard]] error_code monitor(const MonitorFilter& filter = {});
    [[nodiscard]] error_code unmonitor();
    /// Ends that connection, an id of async_clients or Message::name of a debug message. Nothing
    /// happens, and no error, when there is none. Needs the permission to manage.
    [[nodiscard]] error_code disconnect(std::string_view client_id);

    // Requests. The type is that of the answer: the signature is void(error_code, type). All fail
    // with Errc::permission_denied, refused, timeout, invalid_name, queue_full, value_too_large,
    // closed; with Options::reconnect off also disconnected.

    /// std::optional<std::string>: the value, or nothing if there is none.
    template <class Token>
    auto async_retrieve(std::string_view name, Token&& token) {
        return ask<std::optional<std::string>>(detail::Question::retrieve(name),
                                               std::forward<Token>(token));
    }

    /// [retrievemany] std::vector<std::optional<std::string>>: one for each name, in order.
    template <class Token>
    auto async_retrieve_many(const std::vector<std::string>& names, Token&& token) {
        return ask<std::vector<std::optional<std::string>>>(detail::Question::retrieve_many(names),
                                                            std::forward<Token>(token));
    }

    /// [conditions] std::optional<Versioned>: the value and the version that it has.
    template <class Token>
    auto async_retrieve_version(std::string_view name, Token&& token) {
        return ask<std::optional<Versioned>>(detail::Question::retrieve_version(name),
                                             std::forward<Token>(token));
    }

    /// std::optional<std::string>: the value now; every SET and NOTIFY of the name from then on
    /// arrives as with listen. No set_and_store between the two is missed; one that falls into that
    /// moment may be seen in both.
    template <class Token>
    auto async_listen_and_retrieve(std::string_view name, Token&& token) {
        return ask<std::optional<std::string>>(detail::Question::listen_and_retrieve(name),
                                               std::forward<Token>(token));
    }

    /// [exists] bool. Does not count as access.
    template <class Token>
    auto async_exists(std::string_view name, Token&& token) {
        return ask<bool>(detail::Question::exists(name), std::forward<Token>(token));
    }

    /// [expiry] std::optional<Lifetime>: how long the value is still there; nothing if it is not.
    template <class Token>
    auto async_time_to_live(std::string_view name, Token&& token) {
        return ask<std::optional<Lifetime>>(detail::Question::time_to_live(name),
                                            std::forward<Token>(token));
    }

    /// [expiry] std::vector<std::optional<Lifetime>>: one for each name, in order.
    template <class Token>
    auto async_time_to_live_many(const std::vector<std::string>& names, Token&& token) {
        return ask<std::vector<std::optional<Lifetime>>>(detail::Question::time_to_live_many(names),
                                                         std::forward<Token>(token));
    }

    /// [flags] std::optional<std::uint32_t>: what memcached's clients keep with the value, 0 if it
    /// has nothing; nothing if there is no value.
    template <class Token>
    auto async_flags(std::string_view name, Token&& token) {
        return ask<std::optional<std::uint32_t>>(detail::Question::flags(name),
                                                 std::forward<Token>(token));
    }

    /// [flags] std::vector<std::optional<std::uint32_t>>: one for each name, in order.
    template <class Token>
    auto async_flags_many(const std::vector<std::string>& names, Token&& token) {
        return ask<std::vector<std::optional<std::uint32_t>>>(detail::Question::flags_many(names),
                                                              std::forward<Token>(token));
    }

    /// [conditions] std::optional<std::string>: the version that the value got, or nothing if the
    /// condition did not hold. A lifetime of zero is for ever. Also: Errc::invalid_version,
    /// invalid_lifetime.
    template <class Token>
    auto async_store_if(const Condition& condition, std::string_view name, std::string_view value,
                        std::chrono::microseconds lifetime, Token&& token) {
        return ask<std::optional<std::string>>(
            detail::Question::store_if(condition, name, value, lifetime),
            std::forward<Token>(token));
    }
    template <class Token>
    auto async_store_if(const Condition& condition, std::string_view name, std::string_view value,
                        Token&& token) {
        return async_store_if(condition, name, value, std::chrono::microseconds(0),
                              std::forward<Token>(token));
    }

    /// [conditions] bool: whether the value was still that version, and is now gone. Also:
    /// Errc::invalid_version.
    template <class Token>
    auto async_remove_if(std::string_view version, std::string_view name, Token&& token) {
        return ask<bool>(detail::Question::remove_if(version, name), std::forward<Token>(token));
    }

    /// [increment_and_retrieve] std::string: what came out; no two clients of a node get the same
    /// sum. Needs the permissions to write and to read. Also: Errc::invalid_step.
    template <class Token>
    auto async_increment_and_retrieve(std::string_view name, const Step& step, Token&& token) {
        return ask<std::string>(detail::Question::increment_and_retrieve(name, step),
                                std::forward<Token>(token));
    }
    template <class Token>
    auto async_decrement_and_retrieve(std::string_view name, const Step& step, Token&& token) {
        return ask<std::string>(detail::Question::decrement_and_retrieve(name, step),
                                std::forward<Token>(token));
    }

    /// std::vector<std::string>: the names of all stored keys, sorted, in one list.
    template <class Token>
    auto async_keys(Token&& token) {
        return ask<std::vector<std::string>>(detail::Question::keys(), std::forward<Token>(token));
    }

    /// std::vector<std::string>: the keys that `pattern` (see KeyQuery) stands for, sorted. Asked
    /// for page by page; of a node without [keylist_pages] all keys, and picked here. Also:
    /// Errc::invalid_query.
    template <class Token>
    auto async_keys(std::string pattern, Token&& token);

    /// [keylist_pages] KeyPage: some keys, and where the next page begins. A key that is there all
    /// the time is in exactly one page. Also: Errc::invalid_query.
    template <class Token>
    auto async_key_page(const KeyQuery& query, Token&& token) {
        return ask<KeyPage>(detail::Question::keys(query), std::forward<Token>(token));
    }

    /// [status] Fields: figures of the node, see protocol.txt, STATUS.
    template <class Token>
    auto async_status(Token&& token) {
        return ask<Fields>(detail::Question::status(), std::forward<Token>(token));
    }

    /// [tree] std::vector<Fields>: nodes and links of the tree as the node knows it, see
    /// protocol.txt, TREE. Needs the permission to manage.
    template <class Token>
    auto async_tree(Token&& token) {
        return ask<std::vector<Fields>>(detail::Question::tree(), std::forward<Token>(token));
    }

    /// [save] std::string: a time. What was in the store before is in the node's database as soon
    /// as the persistence_saved_at of async_status is not earlier. Errc::refused where there is no
    /// database. Needs the permission to manage.
    template <class Token>
    auto async_save(Token&& token) {
        return ask<std::string>(detail::Question::save(), std::forward<Token>(token));
    }

    /// std::vector<Fields>: the connections of the node, see protocol.txt, CLIENTLIST. Needs the
    /// permission to manage.
    template <class Token>
    auto async_clients(Token&& token) {
        return ask<std::vector<Fields>>(detail::Question::clients(), std::forward<Token>(token));
    }

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
    using Received = void(error_code, Message);
    using Self = std::shared_ptr<detail::Connection>;

    // What the templates hand over to, once the type of the handler no longer matters.
    static void connect(detail::Connection& c, detail::Completion<error_code> done);
    static void flush(detail::Connection& c, detail::Completion<error_code> done);
    static void receive(detail::Connection& c, detail::Completion<error_code, Message> done);
    /// For the types above.
    template <class Result>
    static void answer(detail::Connection& c, detail::Question question,
                       detail::Completion<error_code, Result> done);
    static boost::asio::any_io_executor executor(const detail::Connection& c);

    template <class Result, class Token>
    auto ask(detail::Question question, Token&& token) {
        return boost::asio::async_initiate<Token, void(error_code, Result)>(
            [](auto&& handler, const Self& c, detail::Question q) {
                answer<Result>(*c, std::move(q),
                               {std::forward<decltype(handler)>(handler), executor(*c)});
            },
            token, connection_, std::move(question));
    }

    /// What a detail::KeyWalk goes through.
    struct KeySource {
        Self connection;

        template <class Handler>
        void page(const KeyQuery& query, Handler handler) {
            answer<KeyPage>(*connection, detail::Question::keys(query),
                            {std::move(handler), executor(*connection)});
        }
        template <class Handler>
        void all(Handler handler) {
            answer<std::vector<std::string>>(*connection, detail::Question::keys(),
                                             {std::move(handler), executor(*connection)});
        }
    };

    Self connection_;
};

template <class Token>
auto Client::async_connect(Token&& token) {
    return boost::asio::async_initiate<Token, Done>(
        [](auto&& handler, const Self& c) {
            connect(*c, {std::forward<decltype(handler)>(handler), executor(*c)});
        },
        token, connection_);
}

template <class Token>
auto Client::async_keys(std::string pattern, Token&& token) {
    return boost::asio::async_compose<Token, void(error_code, std::vector<std::string>)>(
        detail::KeyWalk(KeySource{connection_}, std::move(pattern)), token, get_executor());
}

template <class Token>
auto Client::async_flush(Token&& token) {
    return boost::asio::async_initiate<Token, Done>(
        [](auto&& handler, const Self& c) {
            flush(*c, {std::forward<decltype(handler)>(handler), executor(*c)});
        },
        token, connection_);
}

template <class Token>
auto Client::async_receive(Token&& token) {
    return boost::asio::async_initiate<Token, Received>(
        [](auto&& handler, const Self& c) {
            receive(*c, {std::forward<decltype(handler)>(handler), executor(*c)});
        },
        token, connection_);
}

}  // namespace clacks
