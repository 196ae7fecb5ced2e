// The chat: what is typed goes to everybody in the room, and what they say is shown.
//
// Three coroutines, of which the first to end ends the chat: hear() receives, type() reads what is
// typed, and one waits for Ctrl-C. The client reconnects by itself and goes on listening; what is
// said meanwhile waits in it.

#include <langinfo.h>
#include <pwd.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <clacks/client.hpp>
#include <clocale>
#include <csignal>
#include <ctime>
#include <exception>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "console.hpp"
#include "printable.hpp"
#include "program.hpp"
#include "room.hpp"

namespace {

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;
using namespace std::chrono_literals;
using asio::use_awaitable;
using chat::Line;
using clacks::Message;

constexpr auto as_result = asio::as_tuple(use_awaitable);  // errors as values, not thrown

/// How long those who are there may take to answer.
constexpr auto patience = 500ms;

class Chat {
public:
    Chat(const asio::any_io_executor& executor, clacks::Options options, std::string name,
         const std::string& room)
        : client_(executor, std::move(options)),
          answers_(executor),
          name_(std::move(name)),
          room_(room) {}

    asio::awaitable<void> run();

private:
    asio::awaitable<clacks::error_code> hear();
    void on_message(const Message& message);

    asio::awaitable<void> type();
    bool obey(const std::string& typed);
    void say(Line::Kind kind, std::string_view text);

    void ask_who();
    void tell_who(const std::set<std::string>& here);

    void send(const std::string& signal, const std::string& value);
    void notice(const std::string& text) { console_->print("-- " + text); }

    clacks::Client client_;
    asio::steady_timer answers_;                 ///< runs while they answer who is there
    std::optional<std::set<std::string>> here_;  ///< those who have, meanwhile
    const std::string name_;
    const chat::Room room_;
    std::unique_ptr<chat::Console> console_;
};

asio::awaitable<void> Chat::run() {
    if (const auto [error] = co_await client_.async_connect(as_result); error)
        throw clacks::Error(error, client_.diagnostic());
    console_ = chat::Console::open(client_.get_executor(), name_ + "> ");
    for (const auto& signal :
         {room_.lines(), room_.who(), room_.here(name_), std::string(chat::clock_signal)})
        if (const auto error = client_.listen(signal)) throw clacks::Error(error);
    send(room_.lines(), chat::to_value({Line::Kind::joined, name_}));
    notice("you are " + name_ + "; /help tells what you can do");
    ask_who();

    asio::signal_set stop(client_.get_executor(), SIGINT, SIGTERM, SIGHUP);
    const auto end = co_await (hear() || type() || stop.async_wait(use_awaitable));
    console_.reset();  // gives the terminal back
    here_.reset();
    answers_.cancel();
    if (end.index() == 0) throw clacks::Error(std::get<0>(end), client_.diagnostic());
    // Nobody is left to be told if this fails.
    static_cast<void>(client_.set(room_.lines(), chat::to_value({Line::Kind::left, name_})));
    client_.close();  // sends what is queued first
}

// ---- what the others say

/// Returns why the client has ended.
asio::awaitable<clacks::error_code> Chat::hear() {
    for (;;) {
        const auto [error, message] = co_await client_.async_receive(as_result);
        if (error) co_return error;
        on_message(message);
    }
}

std::string time_of_day() {
    const std::time_t now = std::time(nullptr);
    char text[] = "00:00";
    std::strftime(text, sizeof text, "%H:%M", std::localtime(&now));
    return text;
}

void Chat::on_message(const Message& message) {
    if (message.kind == Message::Kind::notify) {
        notice("it is " + time_of_day());
    } else if (message.kind != Message::Kind::set) {
        notice(chat::news_of(message));
    } else if (message.name == room_.lines()) {
        console_->print(chat::to_text(chat::to_line(message.value)));
    } else if (message.name == room_.who() && chat::is_name(message.value)) {
        send(room_.here(message.value), name_);
    } else if (message.name == room_.here(name_) && chat::is_name(message.value)) {
        if (here_) here_->insert(message.value);
    }
}

// ---- what is typed

asio::awaitable<void> Chat::type() {
    for (;;) {
        const auto typed = co_await console_->read_line();
        if (!typed || !obey(*typed)) co_return;
    }
}

/// Returns whether to go on.
bool Chat::obey(const std::string& typed) {
    if (typed == "/quit") return false;
    if (typed == "/help") {
        notice("/me waves   says what you do");
        notice("/who        tells who is here");
        notice("/quit       ends the chat, as Ctrl-D and Ctrl-C do");
    } else if (typed == "/who") {
        ask_who();
    } else if (typed.find_first_not_of(' ', 3) == typed.npos && typed.starts_with("/me")) {
        notice("/me needs what you do, as in: /me waves");
    } else if (typed.starts_with("/me ")) {
        say(Line::Kind::did, std::string_view(typed).substr(4));
    } else if (typed.starts_with("/")) {
        notice("no such command: " + chat::printable(typed) + " (/help lists them)");
    } else if (!typed.empty()) {
        say(Line::Kind::said, typed);
    }
    return true;
}

void Chat::say(Line::Kind kind, std::string_view text) {
    const Line line{kind, name_, std::string(text)};
    console_->print_own(chat::to_text(line));
    if (!client_.is_connected())
        notice("not sent yet: there is no connection, and it goes out with the next one");
    send(room_.lines(), chat::to_value(line));
}

// ---- who is here: everybody who hears the question answers

void Chat::ask_who() {
    here_.emplace();
    send(room_.who(), name_);
    answers_.expires_after(patience);
    answers_.async_wait([this](clacks::error_code cancelled) {
        if (!cancelled && here_) tell_who(*std::exchange(here_, std::nullopt));
    });
}

void Chat::tell_who(const std::set<std::string>& here) {
    std::string names;
    for (const auto& name : here) names += (names.empty() ? "" : ", ") + name;
    if (!client_.is_connected())
        notice("nobody can be asked without a connection");
    else
        notice(names.empty() ? "nobody else is here" : "here: " + names);
    if (here.contains(name_))
        notice("you are not the only " + name_ + " here; --name gives you another name");
}

void Chat::send(const std::string& signal, const std::string& value) {
    if (const auto error = client_.set(signal, value)) notice("not sent: " + error.message());
}

// ---- the program

std::string login_name() {
    const passwd* user = ::getpwuid(::geteuid());
    return user && chat::is_name(user->pw_name) ? user->pw_name : "somebody";
}

/// What is typed and shown is UTF-8, whatever the user's locale.
void speak_utf8() {
    std::setlocale(LC_CTYPE, "");
    if (std::string_view(::nl_langinfo(CODESET)) != "UTF-8") std::setlocale(LC_CTYPE, "C.UTF-8");
}

}  // namespace

int main(int argc, char** argv) {
    speak_utf8();
    CLI::App app("Talks with everybody in a room.", "chat");
    clacks::Options options;
    options.client_name = "chat";
    chat::add_connection_options(app, options);
    std::string name = login_name();
    std::string room = "lobby";
    chat::add_room_options(app, name, room);
    return chat::run_program(app, argc, argv, [&] {
        asio::io_context io(1);
        Chat chat(io.get_executor(), options, name, room);
        asio::co_spawn(io, chat.run(), [](std::exception_ptr failure) {
            if (failure) std::rethrow_exception(failure);
        });
        io.run();
    });
}
