#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "client/session_protocol.hpp"
#include "tests/client/print.hpp"

/// A SessionProtocol with a clock that the test moves, and wire lines as text.
struct Session {
    explicit Session(clacks::Options o = {.client_name = "test"}) : options(std::move(o)) {}

    clacks::Options options;
    clacks::detail::SessionProtocol protocol{options, "me"};
    clacks::MonoTime now{std::chrono::hours(1)};

    /// But for gaps: who listens would have more to say.
    static constexpr const char* clacksd =
        "FEATURES patterns listenandretrieve expiry conditions increment_and_retrieve exists "
        "retrievemany keylist_pages status tree monitor_filter save flags\n";
    using FirstFlight = clacks::detail::SessionProtocol::FirstFlight;
    static constexpr const char* plain = "OVERHEAD E unknown_command FEATURES\n";

    /// Connects and gets the welcome; gives what the client said by then.
    std::string log_in(const std::string& features = clacksd) {
        protocol.connected(now);
        const std::string first = says();
        hears("CLACKS node\nOVERHEAD M Authentication required\nOVERHEAD O Welcome!\n" + features +
              "FLUSHED c0\n");
        const std::string then = says();
        return then.empty() ? first : first + " | " + then;
    }

    /// What the client sends now.
    std::string says() {
        std::string bytes;
        protocol.take_output(bytes);
        return joined(bytes);
    }

    /// The node says `lines`; gives why the client wants to close, or "".
    std::string hears(std::string lines) { return protocol.receive(std::span(lines), now).text; }

    /// Time passes; gives why the client wants to close, or "".
    std::string waits(std::chrono::milliseconds time) {
        now += time;
        return protocol.tick(now).text;
    }

    void loses_connection(std::string why = "gone") {
        protocol.disconnected({clacks::Errc::disconnected, std::move(why)});
    }

    clacks::detail::RequestId ask(clacks::detail::Question question) {
        return protocol.ask(std::move(question), now).value();
    }
    clacks::detail::RequestId retrieve(std::string_view name) {
        return ask(clacks::detail::Question::retrieve(name));
    }
    clacks::detail::RequestId keys() { return ask(clacks::detail::Question::keys()); }
    clacks::detail::RequestId flush() { return ask(clacks::detail::Question::flush()); }

    std::string answers() { return print(protocol.take_answers()); }

    std::string messages() {
        std::vector<clacks::Message> all;
        while (!protocol.inbox().empty()) all.push_back(protocol.inbox().pop());
        return print(all);
    }
};
