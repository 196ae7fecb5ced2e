#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "tests/processes/node_process.hpp"
#include "tests/processes/patience.hpp"

using namespace clacks::test;

namespace {

/// A thread that sets `busy` for ever, ahead of its reader by more than sockets take and less than
/// limits.output. Until its end, whatever happens to the reader.
class Flood {
public:
    explicit Flood(LineClient& publisher)
        : thread_(std::async(std::launch::async, [this, &publisher] { run(publisher); })) {}
    ~Flood() { done_ = true; }
    Flood(const Flood&) = delete;
    Flood& operator=(const Flood&) = delete;

    void one_was_read() { --ahead_; }
    void wait_until_ahead() {
        if (ahead_ >= least_ahead) return;
        for (const auto deadline = deadline_from_now(); ahead_ < most_ahead;) {
            if (milliseconds_until(deadline) == 0) FAIL("nobody floods");
            std::this_thread::sleep_for(a_moment);
        }
    }

private:
    static constexpr std::chrono::microseconds a_moment{100};
    static constexpr int least_ahead = 3000;  // signals of 1 KB
    static constexpr int most_ahead = 6000;

    void run(LineClient& publisher) {
        const std::string signal = "SET busy=" + std::string(1000, 'b') + "\r\n";
        while (!done_) {
            if (ahead_ >= most_ahead) {
                std::this_thread::sleep_for(a_moment);
                continue;
            }
            for (int i = 0; i < 20; ++i) publisher.send(signal);
            ahead_ += 20;
            publisher.flush();
        }
    }

    std::atomic<bool> done_{false};
    std::atomic<int> ahead_{0};  ///< more has been sent than read
    std::future<void> thread_;   ///< its end waits for the thread's
};

}  // namespace

TEST_CASE("limits: a line that is too long is refused by name, and the next one is understood") {
    const NodeProcess node({.more = "limits: {line: 1KiB}\n"});
    const auto padded = [](std::size_t length) {
        const std::string start = "STORE a=";
        return start + std::string(length - start.size(), 'x');
    };
    for (const Way way : every_way) {
        CAPTURE(to_string(way));
        auto client = node.log_in(way);
        CHECK(client.ask(padded(1024)) == "");
        CHECK(client.ask(padded(1025) + "\nRETRIEVE b\n" + padded(300'000)) ==
              "OVERHEAD E line_too_long limit=1024 (limits.line)\nNOTRETRIEVED b\n"
              "OVERHEAD E line_too_long limit=1024 (limits.line)\n");
        CHECK(client.ask("RETRIEVE a").size() == 1024 + std::string("RETRIEVED\n").size() - 5);
    }
}

TEST_CASE("limits: a name that is too long is refused by name") {
    const NodeProcess node({.more = "limits: {key: 8}\n"});
    auto client = node.log_in();
    for (const char* line :
         {"LISTEN 123456789", "UNLISTEN 123456789", "NOTIFY 123456789", "SET 123456789=1",
          "SETANDSTORE 123456789=1", "STORE 123456789=1", "RETRIEVE 123456789", "REMOVE 123456789",
          "INCREMENT 123456789", "DECREMENT 123456789=2"}) {
        CAPTURE(line);
        CHECK(client.ask(line) == "OVERHEAD E name_too_long limit=8 (limits.key)\n");
    }
    CHECK(client.ask("STORE 12345678=1\nRETRIEVE 12345678\nKEYLIST") ==
          "RETRIEVED 12345678=1\nKEYLISTSTART\nKEY 12345678\nKEYLISTEND\n");
}

TEST_CASE("limits: a LISTEN too many is refused by name, and UNLISTEN makes room") {
    const NodeProcess node({.more = "limits: {listens: 2}\n"});
    const std::string refused = "OVERHEAD E too_many_listens limit=2 (limits.listens)\n";
    auto client = node.log_in();
    CHECK(client.ask("LISTEN a\nLISTEN b\nLISTEN c") == refused);
    CHECK(client.ask("UNLISTEN a\nLISTEN c") == "");
    CHECK(node.log_in().ask("NOTIFY a\nNOTIFY b\nNOTIFY c") == "");
    CHECK(client.flush() == "NOTIFY b\nNOTIFY c\n");
    CHECK(client.ask("LISTEN b") == "");  // it does so already
}

TEST_CASE("limits: a connection too many is refused by name, and one that leaves makes room") {
    const NodeProcess node({.more = "limits: {connections: 2}\n"});
    auto first = node.log_in(Way::unix_socket);
    {
        const auto second = node.log_in(Way::tls_1_3);
        CHECK(node.connect().lines_until_closed() ==
              "OVERHEAD E too_many_connections limit=2 (limits.connections)\n");
        CHECK_THROWS(node.connect(Way::tls_1_3));
        CHECK(first.flush() == "");
    }
    // It is gone when the node has seen it go: until then we are told to come again.
    while (node.connect().line().starts_with("OVERHEAD E too_many_connections")) {
    }
    node.wait_for("warning too_many_connections", 2);
}

TEST_CASE("limits: those who do not log in leave room for those who do") {
    const NodeProcess node(
        {.more = "limits: {unauthenticated: 2}\ntimeouts: {authentication: 5m}\n"});
    auto member = node.log_in(Way::tls_1_3);  // has left the strangers
    auto first = node.connect(Way::tls_1_3);
    auto second = node.connect(Way::unix_socket);
    second.lines(2);
    first.lines(2);
    CHECK(node.connect().lines_until_closed() ==
          "OVERHEAD E too_many_unauthenticated limit=2 (limits.unauthenticated)\n");
    CHECK_THROWS(node.connect(Way::tls_1_3));
    node.wait_for("warning too_many_unauthenticated", 2);
    CHECK(member.flush() == "");
    second.say(LineClient::login_lines(main_user, main_password));
    CHECK(second.line() == "OVERHEAD O Welcome!");
    const auto third = node.connect();  // in the place that the second has left
    first.stream().close();
    while (node.connect().line().starts_with("OVERHEAD E too_many_unauthenticated")) {
    }
    CHECK(member.flush() == "");
}

TEST_CASE("limits: connections that all come at once are counted") {
    const NodeProcess node({.more = "limits: {connections: 3}\nthreads: 2\n"});
    std::vector<LineClient> clients;
    for (int i = 0; i < 60; ++i) clients.push_back(node.connect());
    int greeted = 0;
    for (auto& client : clients) greeted += client.line().starts_with("CLACKS ") ? 1 : 0;
    CHECK(greeted == 3);
}

TEST_CASE("limits: who asks for far more than limits.output at once gets all of it, in order") {
    constexpr int count = 3'000;
    const NodeProcess node({.more = "limits: {output: 256KiB, line: 64KiB}\n"});
    const std::string value(8'000, 'v');
    std::string questions;
    std::string answers;
    for (int i = 0; i < count; ++i) {
        const auto step = std::to_string(i);
        questions += "RETRIEVE a\nFLUSH " + step + "\n";
        answers += "RETRIEVED a=" + value + "\r\nFLUSHED " + step + "\r\n";
    }
    for (const Way way : every_way) {
        CAPTURE(to_string(way));
        auto client = node.log_in(way);
        client.ask("STORE a=" + value);
        client.send(questions);
        CHECK(client.difference_from(answers) == "");
        CHECK(client.flush() == "");
    }
    CHECK(count_of("slow_consumer", node.log()) == 0);
}

TEST_CASE("limits: what was said before the end is done, also behind a long answer") {
    const NodeProcess node;
    auto other = node.log_in();
    std::string keys;
    for (int i = 0; i < 5'000; ++i) keys += "STORE key" + std::to_string(i) + "=1\n";
    other.ask(keys);
    for (const Way way : every_way) {
        CAPTURE(to_string(way));
        const std::string last = "last" + std::to_string(static_cast<int>(way));
        auto client = node.log_in(way);
        client.send("KEYLIST\nSTORE " + last + "=1\n");
        client.stream().finish();
        CHECK(count_of("KEY key", client.lines_until_closed()) == 5'000);
        CHECK(other.ask("EXISTS " + last) == "EXISTS " + last + "=1\n");
    }
}

TEST_CASE("limits: who reads too slowly and wants to hear of gaps stays, and is told of them") {
    const NodeProcess node({.more = "limits: {output: 256KiB, line: 64KiB}\nthreads: 2\n"});
    constexpr int sent = 20'000;
    const std::string filler(1'000, 'v');
    std::string flood;
    for (int i = 0; i < sent; ++i) flood += "SET a=" + std::to_string(i) + " " + filler + "\n";
    for (const Way way : every_way) {
        CAPTURE(to_string(way));
        auto publisher = node.log_in();
        auto slow = node.log_in(way);
        slow.ask("GAPS 1\nLISTEN a\nLISTEN end");
        publisher.send(flood);
        publisher.flush();
        int next = 0;  // which SET comes if none is missing
        int gaps = 0;
        for (bool told_all = false; !told_all;) {
            publisher.ask("NOTIFY end");  // until it is not among what is missing
            for (std::string line; line != "NOTIFY end" && !line.starts_with("GAP end ");) {
                line = slow.line();
                if (line.starts_with("SET a=")) CHECK(std::stoi(line.substr(6)) == next++);
                if (line.starts_with("GAP a ")) next += std::stoi(line.substr(6));
                if (line.starts_with("GAP a ")) ++gaps;
                told_all = line == "NOTIFY end";
            }
        }
        CHECK(next == sent);
        CHECK(gaps > 0);
    }
    CHECK(count_of("slow_consumer", node.log()) == 0);
}

/// What waits for the connection for which most waits.
int max_output(const std::string& client_list) {
    constexpr std::string_view field = "OUTBUFFER_LENGTH=";
    int most = 0;
    for (auto at = client_list.find(field); at != client_list.npos;
         at = client_list.find(field, at + 1)) {
        most = std::max(most, std::stoi(client_list.substr(at + field.size())));
    }
    return most;
}

TEST_CASE("limits: a monitor that reads too slowly stays, and is told how many lines it misses") {
    const NodeProcess node(
        {.more = "limits: {output: 256KiB, line: 64KiB, monitor: 16GiB}\nthreads: 2\n"});
    constexpr int sent = 20'000;
    const std::string filler(1'000, 'v');
    std::string flood;
    for (int i = 0; i < sent; ++i) flood += "SET a=" + std::to_string(i) + " " + filler + "\n";
    for (const bool filtered : {false, true}) {
        // Without conditions some FLUSHes and who comes and goes are among the lines.
        const int most = filtered ? sent : sent + 20;
        for (const Way way : every_way) {
            CAPTURE(filtered);
            CAPTURE(to_string(way));
            auto publisher = node.log_in();
            auto slow = node.log_in(way);
            slow.ask(filtered ? "MONITOR command=SET" : "MONITOR");
            publisher.send(flood);
            publisher.flush();
            // Of limits.output a quarter at most; a TCP socket goes on taking it.
            const auto waiting = max_output(publisher.ask("CLIENTLIST"));
            CHECK(waiting <= 64 * 1024);
            if (way == Way::unix_socket) CHECK(waiting > 16 * 1024);
            slow.send("UNMONITOR\nFLUSH end\n");
            int shown = 0;
            int missed = 0;
            for (std::string line; line != "FLUSHED end"; line = slow.line()) {
                if (const auto at = line.find("=SET a="); at != std::string::npos) {
                    const int number = std::stoi(line.substr(at + 7));
                    CHECK(number <= shown + missed);
                    CHECK(number >= shown + missed - (most - sent));
                    ++shown;
                }
                if (line.starts_with("DEBUG MONITOR=MISSED=")) missed += std::stoi(line.substr(21));
            }
            CHECK(shown + missed >= sent);
            CHECK(shown + missed <= most);
            CHECK(missed > 0);
        }
    }
    CHECK(count_of("slow_consumer", node.log()) == 0);
}

TEST_CASE("limits: a monitor is not closed for what many threads show it at the same time") {
    const NodeProcess node(
        {.more = "limits: {output: 64KiB, line: 64KiB, monitor: 16GiB}\nthreads: 4\n"});
    constexpr int publishers = 6;
    constexpr int sent = 300;
    std::string flood;
    for (int i = 0; i < sent; ++i) flood += "SET a=" + std::string(22'000, 'v') + "\n";
    for (const std::string request : {"MONITOR", "MONITOR command=SET"}) {
        CAPTURE(request);
        auto monitor = node.log_in();
        monitor.ask(request);
        std::vector<std::jthread> threads;
        for (int i = 0; i < publishers; ++i) {
            threads.emplace_back([&] {
                auto publisher = node.log_in();
                publisher.send(flood);
                publisher.flush();
            });
        }
        std::jthread asking([&] {
            for (auto& thread : threads) thread.join();
            monitor.send("UNMONITOR\nFLUSH end\n");
        });
        int seen = 0;
        for (std::string line; line != "FLUSHED end"; line = monitor.line()) {
            if (line.find("=SET a=") != std::string::npos) ++seen;
            if (line.starts_with("DEBUG MONITOR=MISSED=")) seen += std::stoi(line.substr(21));
        }
        // Without conditions it also sees who comes and goes.
        CHECK(seen >= publishers * sent);
        CHECK(seen <= publishers * (sent + 10));
    }
    CHECK(count_of("slow_consumer", node.log()) == 0);
}

TEST_CASE("limits: who reads too slowly is told and dropped, and nobody else notices") {
    const NodeProcess node({.more = "limits: {output: 256KiB, line: 64KiB}\nthreads: 2\n"});
    const std::string value(32'000, 'v');
    const auto signal = [&](int number) {
        return "SET a=" + std::to_string(number) + value + "\r\n";
    };
    auto publisher = node.log_in();
    auto reading = node.log_in(Way::tls_1_3);
    reading.ask("LISTEN a");
    int dropped = 0;
    for (const Way way : every_way) {
        CAPTURE(to_string(way));
        auto slow = node.log_in(way);
        slow.ask("LISTEN a");
        int sent = 0;
        while (count_of("reason=slow_consumer", node.log()) == dropped) {
            publisher.send(signal(sent));
            REQUIRE(reading.difference_from(signal(sent)) == "");
            REQUIRE(++sent < 1000);
        }
        ++dropped;
        const std::string got = slow.lines_until_closed();
        std::string all_before;  // each in its place, none missing
        for (int i = 0; i < count_of("SET a=", got); ++i) {
            all_before += "SET a=" + std::to_string(i) + value + "\n";
        }
        CHECK(got == all_before +
                         "\nOVERHEAD E slow_consumer output limit reached (limits.output)\nQUIT\n");
        CHECK(reading.flush() == "");
    }
}

TEST_CASE("limits: a KEYLIST is completed while another worker keeps its reader's output full") {
    const NodeProcess node({.more = "threads: 2\n"});
    auto publisher = node.log_in(Way::unix_socket);
    std::string keys;
    for (int i = 0; i < 20'000; ++i)
        keys += "STORE some::longer::key::" + std::to_string(i) + "=1\n";
    publisher.ask(keys);
    for (const Way way : {Way::unix_socket, Way::tls_1_3}) {
        CAPTURE(to_string(way));
        auto reader = node.log_in(way);
        reader.ask("LISTEN busy");
        Flood flood(publisher);
        flood.wait_until_ahead();
        reader.say("KEYLIST");
        int listed = 0;
        int signals = 0;
        for (std::string line; line != "KEYLISTEND";) {
            flood.wait_until_ahead();
            line = reader.line();
            if (line.starts_with("SET busy=")) {
                flood.one_was_read();
                if (++signals == 1'000'000) FAIL("the list gets no room");
            }
            if (line.starts_with("KEY some::longer::key::")) ++listed;
        }
        CHECK(listed == 20'000);
    }
}

TEST_CASE("limits: who reads nothing costs no time, whoever fills its output") {
    const NodeProcess node({.more = "threads: 2\ntimeouts: {stalled_write: 3s}\n"});
    auto publisher = node.log_in();
    publisher.ask("STORE big=" + std::string(900'000, 'v'));
    auto reader = node.log_in();
    reader.ask("LISTEN busy");
    std::string signals;
    for (int i = 0; i < 3000; ++i) signals += "SET busy=" + std::string(1000, 'b') + "\n";
    publisher.ask(signals);  // the publisher's worker finds the socket full
    std::string questions;
    for (int i = 0; i < 20; ++i) questions += "RETRIEVE big\n";
    reader.say(questions);  // the reader's stops reading them
    const auto before = node.processor_time();
    node.wait_for("stalled_write");
    CHECK((node.processor_time() - before).count() < 1000);
}
