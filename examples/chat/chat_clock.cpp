// The clock of the chat: tells everybody when a minute is full.
//
// The simplest of the three programs, and the one to read first: a blocking client, used from one
// thread, that sends one command.

#include <boost/asio/signal_set.hpp>
#include <chrono>
#include <clacks/blocking.hpp>
#include <clacks/client.hpp>
#include <csignal>
#include <iostream>
#include <map>
#include <string>

#include "program.hpp"
#include "room.hpp"

using std::chrono::milliseconds;
using std::chrono::system_clock;

namespace {

/// The next full minute, second or whatever it is.
system_clock::time_point next_stroke(milliseconds every) {
    const auto now = system_clock::now().time_since_epoch();
    return system_clock::time_point((now / every + 1) * every);
}

/// Until the client is closed, which it says by throwing.
[[noreturn]] void strike(clacks::BlockingClient& client, milliseconds every) {
    for (;;) {
        const auto stroke = next_stroke(every);
        for (auto now = system_clock::now(); now < stroke; now = system_clock::now())
            // It listens to nothing, so all it can receive is news of its connection.
            if (auto message = client.receive(std::chrono::ceil<milliseconds>(stroke - now)))
                std::cerr << chat::news_of(*message) << std::endl;
        // Without connection it would be sent later, but a late stroke is worth nothing.
        if (client.is_connected()) client.notify(chat::clock_signal);
    }
}

void run(const clacks::Options& options, milliseconds every) {
    clacks::BlockingClient client(options);
    // Waits on the client's own thread, and closes it: that wakes this one.
    boost::asio::signal_set stop(client.client().get_executor(), SIGINT, SIGTERM);
    stop.async_wait([&client](clacks::error_code cancelled, int) {
        if (!cancelled) client.close();
    });
    try {
        client.connect();
        std::cout << "striking every " << every.count() << " ms; Ctrl-C ends it" << std::endl;
        strike(client, every);
    } catch (const clacks::Error& error) {
        if (error.code() != clacks::Errc::closed) throw;
    }
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Tells the chat when a minute is full.", "chat-clock");
    clacks::Options options;
    options.client_name = "chat-clock";
    chat::add_connection_options(app, options);
    milliseconds::rep every = 60'000;
    const std::map<std::string, milliseconds::rep> units{
        {"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}};
    app.add_option("--every", every, "time between two strokes: 500ms, 30s, 1m, 1h")
        ->option_text("TIME=1m")
        ->transform(CLI::AsNumberWithUnit(units, CLI::AsNumberWithUnit::UNIT_REQUIRED))
        ->check(CLI::Range(1, 86'400'000));
    return chat::run_program(app, argc, argv, [&] { run(options, milliseconds(every)); });
}
