// Several connections that ask in the same turn of the server's loop. Replies leave when it ends.
#include <doctest/doctest.h>
#include <sys/socket.h>

#include <chrono>
#include <functional>
#include <future>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "tests/memcached/serving.hpp"

using namespace clacks::test;
using namespace clacks::memcached;
using namespace std::chrono_literals;

namespace {

const std::string found = "VALUE k 0 5\r\nvalue\r\nEND\r\n";

std::string storing(std::string_view key) { return "set " + std::string(key) + " 0 0 1\r\nx\r\n"; }

/// Every key has a value; some questions and values do what their names say.
class Program {
public:
    Program()
        : serving(handlers(), {.settings = {.shutdown = true},
                               .raw = true,
                               .shutdown = [this](bool) { serving.server->close(); }}) {}

    /// A connection that the server knows already.
    Stream connect() {
        auto stream = serving.connect();
        CHECK(ask(stream, "get k\r\n") == found);
        return stream;
    }

    /// Says each request on its connection while the server reads nothing.
    void ask_at_once(std::vector<std::pair<Stream*, std::string>> requests) {
        serving.on_thread([&] {
            std::string early;
            for (auto& [stream, request] : requests) stream->write(request, early);
        });
    }

    std::promise<void> unblock;
    Serving serving;

private:
    Handlers handlers() {
        Handlers handlers;
        handlers.get = [this](Client&, std::string_view key, auto then) {
            if (key == "nap") std::this_thread::sleep_for(2ms);
            if (key == "block") unblock.get_future().wait();
            if (key != "slow") return then(std::optional<std::string>("value"));
            waiting_ = [then] { then(std::optional<std::string>("value")); };
        };
        handlers.set = [this](Client&, std::string_view key, const NewValue&, auto then) {
            if (key == "ends") {
                waiting_ = [then] { then(Verdict::fatal("go away")); };
                return;
            }
            if (key == "answer") waiting_();
            if (key == "close") serving.server->close();
            then(Verdict::ok());
        };
        return handlers;
    }

    std::function<void()> waiting_;
};

}  // namespace

TEST_CASE("turns: an answer that another connection brings in the same turn lets the rest go on") {
    Program program;
    auto asks = program.connect();
    auto answers = program.connect();
    program.ask_at_once({{&asks, "get k\r\nget slow\r\nget k\r\n"}, {&answers, storing("answer")}});
    const std::string slow = "VALUE slow 0 5\r\nvalue\r\nEND\r\n";
    CHECK(read_bytes(asks, 2 * found.size() + slow.size()) == found + slow + found);
    CHECK(ask(answers, "get k\r\n") == "STORED\r\n" + found);
}

TEST_CASE("turns: a late answer that ends the connection is said, whenever it comes") {
    for (const bool at_once : {false, true}) {
        CAPTURE(at_once);
        Program program;
        auto asks = program.connect();
        auto answers = program.connect();
        const std::string request = "get k\r\n" + storing("ends") + "get k\r\n";
        if (at_once) {
            program.ask_at_once({{&asks, request}, {&answers, storing("answer")}});
        } else {
            std::string reply;
            asks.write(request, reply);
            CHECK(read_bytes(asks, found.size()) == found);
            answers.write(storing("answer"), reply);
        }
        CHECK(rest(asks) == (at_once ? found : "") + "SERVER_ERROR go away\r\n");
        CHECK(read_bytes(answers, 8) == "STORED\r\n");
    }
}

TEST_CASE("turns: a late answer that ends a connection which takes no more harms nobody") {
    Program program;
    auto& server = *program.serving.server;
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0);
    program.serving.on_thread(
        [&] { server.adopt(clacks::transport::OwnedFd(ends[0]), "pair:1", "pair"); });
    const clacks::transport::OwnedFd client(ends[1]);
    const std::string request = storing("ends");
    REQUIRE(::send(client.get(), request.data(), request.size(), MSG_NOSIGNAL) > 0);
    auto answers = program.connect();
    CHECK(ask(answers, "get k\r\n") == found);  // the other has been read before
    ::shutdown(client.get(), SHUT_RD);
    CHECK(ask(answers, storing("answer")) == "STORED\r\n");
    CHECK(program.serving.wait_until([&] { return server.connection_count() == 1; }));
}

TEST_CASE("turns: who closes the server is answered, and so is who was served before") {
    for (const std::string& last : {storing("close"), std::string("shutdown\r\n")}) {
        CAPTURE(last);
        Program program;
        auto served = program.connect();
        auto closes = program.connect();
        program.ask_at_once({{&served, storing("k")}, {&closes, last}});
        CHECK(rest(served) == "STORED\r\n");
        CHECK(rest(closes) == (last == storing("close") ? "STORED\r\n" : ""));
        CHECK(program.serving.wait_until(
            [&] { return program.serving.server->connection_count() == 0; }));
    }
}

TEST_CASE("turns: nobody waits for more than one slow answer of another") {
    Program program;
    auto first = program.connect();
    auto naps = program.connect();
    auto blocks = program.connect();
    program.ask_at_once(
        {{&first, "get k\r\n"}, {&naps, "get nap\r\n"}, {&blocks, "get block\r\n"}});
    CHECK(read_bytes(first, found.size()) == found);
    const std::string nap = "VALUE nap 0 5\r\nvalue\r\nEND\r\n";
    CHECK(read_bytes(naps, nap.size()) == nap);
    program.unblock.set_value();
    const std::string block = "VALUE block 0 5\r\nvalue\r\nEND\r\n";
    CHECK(read_bytes(blocks, block.size()) == block);
}

TEST_CASE("turns: a small limit of output holds nobody up") {
    ServerOptions options;
    options.settings.output_bytes = 64;
    Serving serving(options);
    auto first = serving.connect();
    auto second = serving.connect();
    CHECK(ask(first, "set k 0 0 5\r\nvalue\r\n") == "STORED\r\n");
    CHECK(ask(second, "get k\r\n") == found);
    std::string request;
    std::string expected;
    for (int i = 0; i < 100; ++i) {
        request += "get k\r\n";
        expected += found;
    }
    serving.on_thread([&] {
        std::string early;
        first.write(request, early);
        second.write(request, early);
    });
    CHECK(read_bytes(first, expected.size()) == expected);
    CHECK(read_bytes(second, expected.size()) == expected);
}
