// A bot for the chat: it counts the lines in the node's store, where they outlive it, and obeys
// "simon says".
//
// The asynchronous client in a coroutine: one loop that receives, and requests (retrieve) in
// between. Commands and requests of one client are executed in order, so what is retrieved knows
// of the increment before it.

#include <boost/algorithm/string/predicate.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <clacks/client.hpp>
#include <csignal>
#include <exception>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "program.hpp"
#include "room.hpp"

namespace {

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;
using asio::use_awaitable;
using chat::Line;
using clacks::Message;

constexpr auto as_result = asio::as_tuple(use_awaitable);  // errors as values, not thrown

/// "hello" from "Simon says hello".
std::optional<std::string> simon_says(const std::string& text) {
    constexpr std::string_view command = "simon says ";
    if (!boost::algorithm::istarts_with(text, command)) return std::nullopt;
    return text.substr(command.size());
}

class Bot {
public:
    Bot(const asio::any_io_executor& executor, clacks::Options options, std::string name,
        const std::string& room)
        : client_(executor, std::move(options)), name_(std::move(name)), room_(room) {}

    asio::awaitable<void> run();

private:
    asio::awaitable<clacks::error_code> serve();
    asio::awaitable<void> on_message(const Message& message);
    asio::awaitable<void> on_line(const Line& line);
    asio::awaitable<void> on_stroke();
    asio::awaitable<void> tell_count();
    asio::awaitable<std::optional<std::string>> retrieve(const std::string& key);

    /// Tells of a command that the client does not take, say because too much waits to be sent.
    static void tell(const clacks::error_code& error) {
        if (error) std::cerr << "not sent: " << error.message() << std::endl;
    }
    void announce(const Line& line) { tell(client_.set(room_.lines(), chat::to_value(line))); }
    void say(const std::string& text) { announce({Line::Kind::said, name_, text}); }

    clacks::Client client_;
    const std::string name_;
    const chat::Room room_;
};

asio::awaitable<void> Bot::run() {
    if (const auto [error] = co_await client_.async_connect(as_result); error)
        throw clacks::Error(error, client_.diagnostic());
    for (const auto& signal : {room_.lines(), room_.who(), std::string(chat::clock_signal)})
        if (const auto error = client_.listen(signal)) throw clacks::Error(error);
    announce({Line::Kind::joined, name_});
    std::cout << "listening as " << name_ << "; Ctrl-C ends it" << std::endl;

    asio::signal_set stop(client_.get_executor(), SIGINT, SIGTERM);
    const auto end = co_await (serve() || stop.async_wait(use_awaitable));
    if (end.index() == 0) throw clacks::Error(std::get<0>(end), client_.diagnostic());
    announce({Line::Kind::left, name_});
    client_.close();  // sends what is queued first
}

/// Returns why the client has ended.
asio::awaitable<clacks::error_code> Bot::serve() {
    for (;;) {
        const auto [error, message] = co_await client_.async_receive(as_result);
        if (error) co_return error;
        co_await on_message(message);
    }
}

asio::awaitable<void> Bot::on_message(const Message& message) {
    if (message.kind == Message::Kind::notify) {
        co_await on_stroke();
    } else if (message.kind != Message::Kind::set) {
        std::cerr << chat::news_of(message) << std::endl;
    } else if (message.name == room_.lines()) {
        co_await on_line(chat::to_line(message.value));
    } else if (message.name == room_.who() && chat::is_name(message.value)) {
        tell(client_.set(room_.here(message.value), name_));
    }
}

/// Our own lines do not come back to us: only the others are counted and answered.
asio::awaitable<void> Bot::on_line(const Line& line) {
    if (line.kind != Line::Kind::said) co_return;
    tell(client_.increment(room_.count()));
    tell(client_.increment(room_.fresh_count()));
    if (const auto words = simon_says(line.text))
        say(*words);
    else if (line.text == name_ + ": count")
        co_await tell_count();
    else if (line.text == name_ + ": help")
        say("I know '" + name_ + ": count' and 'simon says ...'");
}

asio::awaitable<void> Bot::tell_count() {
    const auto lines = co_await retrieve(room_.count());
    say(lines ? "lines so far: " + *lines : "I cannot look it up now");
}

/// Subtracts what was told, instead of storing 0: a line may have been counted in between.
asio::awaitable<void> Bot::on_stroke() {
    const auto fresh = co_await retrieve(room_.fresh_count());
    if (!fresh || *fresh == "0") co_return;
    say("lines since the clock last struck: " + *fresh);
    tell(client_.decrement(room_.fresh_count(), clacks::Step(*fresh)));
}

/// A counter; nothing if the node gives none.
asio::awaitable<std::optional<std::string>> Bot::retrieve(const std::string& key) {
    const auto [error, value] = co_await client_.async_retrieve(key, as_result);
    if (error) std::cerr << "cannot look up " << key << ": " << error.message() << std::endl;
    co_return value;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Counts what is said in the chat, and obeys.", "chat-bot");
    clacks::Options options;
    options.client_name = "chat-bot";
    chat::add_connection_options(app, options);
    std::string name = "bot";
    std::string room = "lobby";
    chat::add_room_options(app, name, room);
    return chat::run_program(app, argc, argv, [&] {
        asio::io_context io(1);
        Bot bot(io.get_executor(), options, name, room);
        asio::co_spawn(io, bot.run(), [](std::exception_ptr failure) {
            if (failure) std::rethrow_exception(failure);
        });
        io.run();
    });
}
