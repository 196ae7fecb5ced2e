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

    /// Connects and gets the welcome; gives what the client said by then.
    std::string log_in() {
        protocol.connected(now);
        const std::string first = says();
        hears("CLACKS node\nOVERHEAD M Authentication required\nOVERHEAD O Welcome!\n");
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

    clacks::detail::RequestId retrieve(std::string_view name) {
        return protocol.ask(clacks::detail::RequestKind::retrieve, name, now).value();
    }
    clacks::detail::RequestId keys() {
        return protocol.ask(clacks::detail::RequestKind::keys, {}, now).value();
    }
    clacks::detail::RequestId flush() {
        return protocol.ask(clacks::detail::RequestKind::flush, {}, now).value();
    }

    std::string answers() { return print(protocol.take_answers()); }

    std::string messages() {
        std::vector<clacks::Message> all;
        while (!protocol.inbox().empty()) all.push_back(protocol.inbox().pop());
        return print(all);
    }
};
