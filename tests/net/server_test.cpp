// A server in this process, where the test decides when its slow parts go on.
#include "server/net/server.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <future>
#include <latch>
#include <new>
#include <semaphore>
#include <string>
#include <thread>
#include <utility>

#include "persistence/restore.hpp"
#include "persistence/saver.hpp"
#include "tests/node/recording_log.hpp"
#include "tests/processes/line_client.hpp"
#include "tests/processes/patience.hpp"

using namespace clacks;
using test::LineClient;
using namespace std::chrono_literals;

namespace {

struct TemporaryDirectory {
    TemporaryDirectory() {
        std::string name = (std::filesystem::temp_directory_path() / "clacks-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()));
        path = name;
    }
    ~TemporaryDirectory() { std::filesystem::remove_all(path); }
    std::filesystem::path path;
};

/// Has one worker or more, and two users: "main" with a password in plain text, "hashed" with "x".
class RunningServer {
public:
    explicit RunningServer(net::PasswordCheck check, node::Past past = {}, unsigned threads = 1)
        : server_(net_settings(threads), node_settings(), "test", "id", log_,
                  net::Clock(std::chrono::seconds(0)), std::move(check), std::move(past)),
          thread_([this] { server_.run([this] { ready_.count_down(); }, [] {}, [] {}); }) {
        ready_.wait();
    }
    ~RunningServer() { end(); }

    /// Until its threads have ended.
    void end() {
        stop();
        if (thread_.joinable()) thread_.join();
    }

    /// As a manager would.
    void stop() {
        if (std::exchange(stopping_, true)) return;
        LineClient manager = connect();
        manager.log_in("main", "secret");
        manager.say("OVERHEAD S 0");
        manager.lines_until_closed();
    }

    bool do_between_turns(const std::function<bool()>& step) {
        return server_.do_between_turns(step);
    }
    cache::Cache& cache() { return server_.node().cache(); }

    LineClient connect() const {
        return LineClient(test::Stream::to_unix((directory_.path / "socket").string()));
    }

private:
    net::Settings net_settings(unsigned threads) const {
        net::Settings settings;
        transport::UnixAddress address;
        address.path = (directory_.path / "socket").string();
        settings.listen = {address};
        settings.threads = threads;
        return settings;
    }
    static node::Settings node_settings() {
        node::Settings settings;
        settings.users = {{.name = "main", .password = "secret", .permissions = {}},
                          {.name = "hashed", .password = "x", .hashed = true, .permissions = {}}};
        settings.users.back().permissions.add(protocol::Permission::read);
        return settings;
    }

    TemporaryDirectory directory_;
    node::RecordingLog log_;
    net::Server server_;
    std::latch ready_{1};
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace

TEST_CASE("server: while passwords are being verified it serves everybody else") {
    std::counting_semaphore<> begun{0};
    std::counting_semaphore<> go_on{0};
    RunningServer server([&](auto hash, auto given) {
        begun.release();
        go_on.acquire();
        return hash == given;
    });
    LineClient other = server.connect();
    other.log_in("main", "secret");
    other.say("STORE a=1");

    LineClient right = server.connect();
    right.say(LineClient::login_lines("hashed", "x") + "\nRETRIEVE a\nFLUSH 1");
    LineClient wrong = server.connect();
    wrong.say(LineClient::login_lines("hashed", "y") + "\nRETRIEVE a");
    LineClient leaves = server.connect();
    leaves.say(LineClient::login_lines("hashed", "x"));
    for (LineClient* client : {&right, &wrong, &leaves}) client->lines(2);  // the greeting
    leaves.stream().close();
    begun.acquire();

    CHECK(other.ask("RETRIEVE a") == "RETRIEVED a=1\n");
    right.say("FLUSH 2");  // behind what has been read already
    go_on.release(3);
    CHECK(right.lines(4) == "OVERHEAD O Welcome!\nRETRIEVED a=1\nFLUSHED 1\nFLUSHED 2\n");
    CHECK(wrong.lines_until_closed() == "OVERHEAD F Login failed!\n");
    CHECK(other.ask("RETRIEVE a") == "RETRIEVED a=1\n");
}

TEST_CASE("server: STATUS tells what waits for all connections together") {
    RunningServer server([](auto, auto) { return false; });
    LineClient other = server.connect();
    other.log_in("main", "secret");
    const auto waiting = [&] {
        other.say("STATUS");
        const std::string key = "STATUS output_bytes_waiting=";
        const std::string lines = other.lines_until("STATUSEND");
        const auto at = lines.find(key);
        REQUIRE(at != lines.npos);
        return std::stoul(lines.substr(at + key.size()));
    };
    const auto wait_until = [&](auto condition) {
        const auto deadline = test::deadline_from_now();
        while (!condition(waiting())) REQUIRE(test::milliseconds_until(deadline) > 0);
    };
    CHECK(other.ask("STORE a=" + std::string(1'000'000, 'v')) == "");
    {
        LineClient slow = server.connect();
        slow.log_in("main", "secret");
        slow.say("RETRIEVE a\nRETRIEVE a\nRETRIEVE a");
        wait_until([](auto bytes) { return bytes > 1'000'000; });
    }
    wait_until([](auto bytes) { return bytes == 0; });
}

TEST_CASE("server: what a monitor is shown comes, though nothing happens behind it") {
    RunningServer server([](auto, auto) { return false; }, {}, 2);
    LineClient monitor = server.connect();
    monitor.log_in("main", "secret");
    monitor.say("NOPING\nMONITOR\nFLUSH 1");
    monitor.lines_until("FLUSHED 1");
    LineClient client = server.connect();
    client.log_in("main", "secret");
    CHECK(monitor.line().starts_with("DEBUG CONNECTED="));
    // Each time it comes soon, and not with what the server does once a second.
    const auto begun = std::chrono::steady_clock::now();
    for (int i = 0; i < 100; ++i) {
        REQUIRE(std::chrono::steady_clock::now() - begun < 20s);
        client.ask("RETRIEVE first");
        client.ask("RETRIEVE second");  // at once, but in another turn
        const std::string shown = monitor.lines(4);
        CHECK(shown.find("=RETRIEVE first\n") < shown.find("=RETRIEVE second\n"));
    }
    const std::string large = "STORE a=" + std::string(10'000, '.');
    client.ask(large + "\n" + large + "\n" + large);  // too much to wait
    CHECK(monitor.lines(4).size() > 3 * large.size());
}

TEST_CASE("server: what a client was given before it went was not waiting for it") {
    RunningServer server([](auto, auto) { return false; });
    LineClient monitor = server.connect();
    monitor.log_in("main", "secret");
    monitor.ask("NOPING\nMONITOR");
    LineClient client = server.connect();
    client.log_in("main", "secret");
    CHECK(monitor.line().starts_with("DEBUG CONNECTED="));
    client.say("FLUSH 1\nQUIT");
    CHECK(client.lines_until_closed().starts_with("FLUSHED 1\n"));
    monitor.lines(2);
    const std::string end = monitor.line();
    CHECK(end.starts_with("DEBUG DISCONNECTED="));
    CHECK(end.find("(0 bytes discarded") != std::string::npos);
}

TEST_CASE("server: it stops while passwords are being verified") {
    std::counting_semaphore<> begun{0};
    std::counting_semaphore<> go_on{0};
    RunningServer server([&](auto, auto) {
        begun.release();
        go_on.acquire();
        return true;
    });
    LineClient first = server.connect();
    first.say(LineClient::login_lines("hashed", "x"));
    LineClient second = server.connect();
    second.say(LineClient::login_lines("hashed", "x"));
    first.lines(2);
    second.lines(2);
    begun.acquire();
    server.stop();
    CHECK(first.lines_until_closed() == "\nQUIT\n");
    CHECK(second.lines_until_closed() == "\nQUIT\n");
    go_on.release(2);
}

TEST_CASE("server: a worker does a step for somebody else, unless it has ended") {
    RunningServer server([](auto, auto) { return true; });
    std::thread::id by;
    const auto step = [&] {
        by = std::this_thread::get_id();
        return false;
    };
    while (!server.do_between_turns(step)) continue;  // on a busy machine it comes late
    CHECK(by != std::thread::id());
    CHECK(by != std::this_thread::get_id());
    server.end();
    by = {};
    CHECK_FALSE(server.do_between_turns(step));
    CHECK(by == std::thread::id());
}

TEST_CASE("server: a worker does steps for somebody else, and serves clients between them") {
    RunningServer server([](auto, auto) { return true; });
    LineClient client = server.connect();
    client.log_in("main", "secret");
    auto answer =
        std::async(std::launch::async, [&] { return client.ask("STORE a=1\nRETRIEVE a"); });
    const auto is_waiting = [&] { return answer.wait_for(0s) != std::future_status::ready; };
    while (!server.do_between_turns(is_waiting)) continue;  // on a busy machine it comes late
    CHECK_FALSE(is_waiting());
    CHECK(answer.get() == "RETRIEVED a=1\n");
}

TEST_CASE("server: what such a step throws does not end the worker but comes back") {
    RunningServer server([](auto, auto) { return true; });
    const auto step = []() -> bool { throw std::bad_alloc(); };
    const auto until_done = [&] {
        while (!server.do_between_turns(step)) continue;
    };
    CHECK_THROWS_AS(until_done(), std::bad_alloc);
    LineClient client = server.connect();
    client.log_in("main", "secret");
    while (!server.do_between_turns([] { return false; })) continue;
}

TEST_CASE("server: a worker that ends between the steps of an errand hands it back") {
    RunningServer server([](auto, auto) { return true; });
    std::atomic<bool> ended{false};
    std::atomic<unsigned> steps{0};
    auto errand = std::async(std::launch::async, [&] {
        const auto endless = [&] {
            ++steps;
            return true;
        };
        bool done = false;
        // On a busy machine it comes back before.
        do done = server.do_between_turns(endless);
        while (!done && !ended);
        return done;
    });
    while (steps == 0) std::this_thread::sleep_for(1ms);
    server.end();
    ended = true;
    const auto steps_at_end = steps.load();
    REQUIRE(errand.wait_for(test::patience) == std::future_status::ready);
    CHECK_FALSE(errand.get());
    CHECK(steps == steps_at_end);
}

TEST_CASE("server: one that ends while it copies for a snapshot leaves nothing out of the last") {
    using namespace persistence;
    const TemporaryDirectory directory;
    const std::string database = (directory.path / "clacks.db").string();
    const auto nothing = [](const Event&) {};
    const auto restored = [&] { return restore({.path = database}, {}, nothing); };
    auto past = restored();
    REQUIRE(past.has_value());
    RunningServer server([](auto, auto) { return true; },
                         {.cache = std::move(past->cache), .knowledge = {}});
    std::atomic<unsigned> steps{0};
    // Once it has done a step the server is not done with it before it ends.
    const auto copy = [&](const std::function<bool()>& step) {
        bool has_begun = false;
        return server.do_between_turns([&] {
            if (!std::exchange(has_begun, true)) step();
            ++steps;
            return true;
        });
    };
    constexpr unsigned keys = 20'000;  // of which a shard is copied in some steps
    std::string value;
    const auto store_all = [&] {
        const auto now = net::Clock(std::chrono::seconds(0)).now().wall;
        for (unsigned i = 0; i < keys; ++i) {
            const std::string key = "key" + std::to_string(i);
            server.cache().lock(key).store(key, value, now);
        }
    };
    Saver saver(Snapshots(
                    database, server.cache(), past->state, past->found, [](State&) {}, nothing),
                1s, nothing, copy);
    // One for which there is too little time is not copied by the server.
    for (unsigned i = 1; steps == 0; ++i) {
        value = std::to_string(i);
        store_all();
        while (steps == 0 && saver.status().written < i * keys) std::this_thread::sleep_for(1ms);
    }
    server.end();
    CHECK(saver.finish());
    const auto again = restored();
    REQUIRE(again.has_value());
    CHECK(again->cache->size() == keys);
    for (unsigned i = 0; i < keys; ++i) {
        const std::string key = "key" + std::to_string(i);
        const auto found = again->cache->lock(key).find(key);
        REQUIRE(found);
        REQUIRE(found->value == value);
    }
}
