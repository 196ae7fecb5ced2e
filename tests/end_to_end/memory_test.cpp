// What a node really takes of the machine's memory.
#include <doctest/doctest.h>

#include <cmath>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tests/processes/node_process.hpp"
#include "tests/processes/patience.hpp"

using namespace clacks::test;

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool is_sanitized = true;  // what they keep beside the values is not ours
#else
constexpr bool is_sanitized = false;
#endif

constexpr std::size_t mebibyte = 1U << 20U;

/// Stores so many bytes of values, from 16 bytes to 16 KiB each, and removes and reads some.
void churn(LineClient client, unsigned seed, std::size_t bytes) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<double> power(4, 14);
    const auto key = [&] { return "key" + std::to_string(random() % 1'000'000); };
    for (std::size_t stored = 0; stored < bytes;) {
        std::string lines;
        for (int i = 0; i < 50; ++i) {
            const std::string value(static_cast<std::size_t>(std::exp2(power(random))), 'x');
            lines += "STORE " + key() + "=" + value + "\n";
            if (random() % 10 == 0) lines += "REMOVE " + key() + "\n";
            if (random() % 4 == 0) lines += "RETRIEVE " + key() + "\n";
            stored += value.size();
        }
        lines.pop_back();
        client.ask(lines);
    }
}

std::size_t figure(LineClient& client, const std::string& name) {
    const std::string status = client.ask("STATUS");
    const std::string start = "STATUS " + name + "=";
    return std::stoul(status.substr(status.find(start) + start.size()));
}

/// Stores so many bytes in values of one size, under new keys.
void fill(LineClient& client, std::size_t value_bytes, std::size_t bytes) {
    static unsigned key = 0;
    const std::string value(value_bytes, 'x');
    for (std::size_t stored = 0; stored < bytes;) {
        std::string lines;
        for (int i = 0; i < 100; ++i, stored += value_bytes + 100)
            lines += "STORE key" + std::to_string(++key) + "=" + value + "\n";
        lines.pop_back();
        client.ask(lines);
    }
}

}  // namespace

TEST_CASE("memory: filled several times over with values of all sizes, a node keeps to its budget" *
          doctest::skip(is_sanitized)) {
    const NodeProcess node({.more = "cache: {memory: 32MiB}\nthreads: 2\n"});
    const std::size_t before = node.resident_bytes();
    for (unsigned round = 0; round < 2; ++round) {
        std::vector<std::thread> writers;
        for (unsigned i = 0; i < 4; ++i) {
            writers.emplace_back(churn, node.log_in(), 10 * round + i, 32 * mebibyte);
        }
        for (std::thread& writer : writers) writer.join();
        auto client = node.log_in();
        CHECK(figure(client, "evicted") > 10'000 * (round + 1));
        const std::size_t used = figure(client, "cache_used_bytes");
        CHECK(used > 28 * mebibyte);
        CHECK(used <= 32 * mebibyte);
        // malloc's gaps between values of many sizes, and the buffers of the connections.
        CHECK(node.resident_bytes() - before < 32 * mebibyte * 13 / 10);
    }
}

TEST_CASE("memory: when values of another size come, the gaps of those before are given back" *
          doctest::skip(is_sanitized)) {
    const NodeProcess node({.more = "cache: {memory: 32MiB}\nthreads: 2\n"});
    auto client = node.log_in();
    const std::size_t before = node.resident_bytes();
    for (const std::size_t value_bytes : {32, 200, 1'000, 10'000, 50, 3'000, 100'000, 500}) {
        CAPTURE(value_bytes);
        fill(client, value_bytes, 48 * mebibyte);
        const auto most = before + 32 * mebibyte * 13 / 10;
        const auto deadline = deadline_from_now();
        while (node.resident_bytes() > most && std::chrono::steady_clock::now() < deadline)
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        CHECK(node.resident_bytes() <= most);
    }
}
