#include <doctest/doctest.h>
// The client library and a real node.
#include <clacks/blocking.hpp>
#include <clacks/client.hpp>

#include <future>
#include <memory>
#include <string>

#include "client/password.hpp"
#include "tests/processes/node_process.hpp"
#include "tests/processes/patience.hpp"

using namespace clacks::test;
using clacks::BlockingClient;

namespace {

/// Begins to connect, and gives what becomes of it.
std::future<clacks::error_code> connecting(BlockingClient& client) {
    auto promise = std::make_shared<std::promise<clacks::error_code>>();
    client.client().async_connect([promise](clacks::error_code e) { promise->set_value(e); });
    return promise->get_future();
}

}  // namespace

TEST_CASE("library: any number of commands of any length may go with the login") {
    const NodeProcess node({.users = "  - {name: hashed, password: \"" +
                                     clacks::hash_password(main_password) + "\"}\n"});
    const std::string large(300'000, 'x');
    for (const char* user : {main_user, "hashed"}) {
        CAPTURE(user);
        BlockingClient client({.url = node.unix_url(), .user = user, .password = main_password});
        client.store("large", large);
        for (int i = 0; i < 5000; ++i) client.increment(user);
        auto connected = connecting(client);
        CHECK(client.retrieve("large") == large);
        CHECK(client.retrieve(user) == "5000");
        CHECK(connected.get() == clacks::error_code());
        client.flush();
    }
}

TEST_CASE("library: a login that is refused beneath many commands is a failed login") {
    const NodeProcess node;
    for (const bool tls : {false, true}) {
        CAPTURE(tls);
        BlockingClient client({.url = tls ? node.tls_url() : node.unix_url(),
                               .user = main_user,
                               .password = "wrong",
                               .ca_file = certificates().ca.string()});
        for (int i = 0; i < 2000; ++i) client.store("a", std::string(1000, 'x'));
        auto connected = connecting(client);
        CHECK_THROWS_WITH(client.flush(), doctest::Contains("Login failed!"));
        CHECK(connected.get() == clacks::Errc::login_failed);
    }
    CHECK(node.log_in().ask("RETRIEVE a") == "NOTRETRIEVED a\n");
}

TEST_CASE("library: a program that stops reading keeps its connection and learns what it missed") {
    constexpr std::size_t count = 20'000;
    const NodeProcess node({.more = "limits: {output: 64KiB}\n"});
    clacks::BlockingClient listener({.url = node.unix_url(),
                                     .user = main_user,
                                     .password = main_password,
                                     .received_bytes = 4096});
    listener.connect();
    listener.listen("a");
    listener.flush();
    auto publisher = node.log_in();
    const std::string line = "SET a=" + std::string(100, 'x') + "\n";
    std::string lines;
    for (std::size_t i = 0; i < count; ++i) lines += line;
    CHECK(publisher.ask(lines + "PING") == "");

    std::size_t arrived = 0;
    std::size_t missed = 0;
    while (arrived + missed < count) {
        const auto message = listener.receive(patience);
        REQUIRE(message);
        if (message->kind == clacks::Message::Kind::gap) {
            CHECK(message->name == "a");
            missed += message->count;
        } else {
            REQUIRE(message->kind == clacks::Message::Kind::set);
            ++arrived;
        }
    }
    CHECK(arrived + missed == count);
    CHECK(missed > 0);
    publisher.ask("NOTIFY a");
    CHECK(listener.receive(patience)->kind == clacks::Message::Kind::notify);
}
