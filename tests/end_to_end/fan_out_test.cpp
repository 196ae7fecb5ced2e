#include <doctest/doctest.h>

#include <future>
#include <string>
#include <vector>

#include "tests/end_to_end/numbered.hpp"
#include "tests/processes/node_process.hpp"

using namespace clacks::test;

namespace {

constexpr int signal_count = 50'000;

std::vector<LineClient> listeners(const NodeProcess& node, int count, const std::string& listens) {
    std::vector<LineClient> result;
    for (int i = 0; i < count; ++i) {
        result.push_back(node.log_in(every_way[static_cast<std::size_t>(i) % 3]));
        result.back().ask(listens);
    }
    return result;
}

}  // namespace

TEST_CASE("fan-out: 20 listeners on 4 workers each get 50,000 signals once, in order") {
    const NodeProcess node({.more = "threads: 4\n"});
    const std::string expected = numbered("a", signal_count);
    auto all = listeners(node, 20, "LISTEN a");
    std::vector<std::future<std::string>> differences;
    for (auto& listener : all) {
        differences.push_back(std::async(std::launch::async, [&listener, &expected] {
            const std::string difference = listener.difference_from(expected);
            return difference.empty() ? listener.flush() : difference;
        }));
    }
    auto publisher = node.log_in(Way::tls_1_3);
    publisher.send(expected);
    CHECK(publisher.flush() == "");
    for (auto& difference : differences) CHECK(difference.get() == "");
}

TEST_CASE("fan-out: two publishers at once each keep their order at every listener") {
    const NodeProcess node({.more = "threads: 4\n"});
    const std::string from_one = numbered("one", signal_count);
    const std::string from_two = numbered("two", signal_count);
    auto all = listeners(node, 6, "LISTEN one\nLISTEN two");
    auto one = node.log_in(Way::unix_socket);
    auto two = node.log_in(Way::tls_1_3);
    auto second = std::async(std::launch::async, [&] {
        two.send(from_two);
        return two.flush();
    });
    one.send(from_one);
    CHECK(one.flush() == "");
    CHECK(second.get() == "");
    for (auto& listener : all) {
        const std::string got = listener.flush();
        CHECK(miscount("one", signal_count, got) == "");
        CHECK(miscount("two", signal_count, got) == "");
        CHECK(count_of("\n", got) == 2 * signal_count);
    }
}

TEST_CASE("fan-out: listeners that come and go do not disturb those that stay") {
    const NodeProcess node({.more = "threads: 4\n"});
    auto staying = node.log_in(Way::tls_1_3);
    staying.ask("LISTEN a");
    const std::string expected = numbered("a", signal_count);
    auto sending = std::async(std::launch::async, [&] {
        auto publisher = node.log_in();
        publisher.send(expected);
        return publisher.flush();
    });
    auto reading =
        std::async(std::launch::async, [&] { return staying.difference_from(expected); });
    for (int i = 0; i < 60; ++i) {
        auto guest = node.log_in(every_way[static_cast<std::size_t>(i) % 3]);
        guest.ask("LISTEN a");
        guest.ask("UNLISTEN a\nLISTEN a");
    }
    CHECK(sending.get() == "");
    CHECK(reading.get() == "");
    CHECK(staying.flush() == "");
}

TEST_CASE("fan-out: one read of a flood is not gathered as a whole for many listeners") {
    // As much as a socket holds, but more than may wait: so it has to be written on the way.
    const NodeProcess node({.more = "limits: {output: 128KiB, line: 64KiB}\nthreads: 1\n"});
    std::string flood;
    std::string expected;
    for (int i = 0; i < 14'000; ++i) {
        flood += "NOTIFY x\n";
        expected += "NOTIFY x\r\n";
    }
    std::vector<LineClient> all;
    for (int i = 0; i < 200; ++i) {
        all.push_back(node.log_in(Way::unix_socket));
        all.back().ask("LISTEN x");
    }
    auto publisher = node.log_in(Way::unix_socket);
    publisher.send(flood);
    CHECK(publisher.flush() == "");
    for (auto& listener : all) REQUIRE(listener.difference_from(expected) == "");
    CHECK(count_of("slow_consumer", node.log()) == 0);
}
