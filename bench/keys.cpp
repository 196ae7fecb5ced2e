#include "bench/keys.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "bench/background.hpp"
#include "bench/mismatch.hpp"
#include "bench/percentile.hpp"

namespace clacks::bench {

namespace {

using Clock = std::chrono::steady_clock;

std::string key_name(unsigned number) {
    return fmt::format("list::{:03}::{:05}", number / 1000, number);
}

void fill(Connection& connection, unsigned keys) {
    constexpr unsigned at_once = 10'000;
    for (unsigned first = 0; first < keys; first += at_once) {
        std::string request;
        for (unsigned i = first; i < std::min(keys, first + at_once); ++i)
            request += fmt::format("STORE {}=x\r\n", key_name(i));
        connection.ask(request + "FLUSH bench\r\n", "FLUSHED bench\r\n");
    }
}

/// A client that lists page after page, and begins anew when it has seen them all.
class Lister {
public:
    Lister(const Target& target, unsigned keys, unsigned page)
        : connection_(target.connect()), keys_(keys), page_(page) {}

    void next_page() {
        constexpr std::string_view end = "FLUSHED page\r\n";
        constexpr std::string_view last_line = "KEYLISTEND";
        const auto answer = connection_.ask(
            fmt::format("KEYLIST ** limit={}{}\r\nFLUSH page\r\n", page_, after_), end);
        // Two lines around the keys, and that of the FLUSH.
        const auto lines = std::count(answer.begin(), answer.end(), '\n');
        const auto at = answer.rfind(last_line);
        if (lines < 3 || at == std::string::npos) report_mismatch("a page of keys", answer);
        listed_ += static_cast<std::uint64_t>(lines - 3);
        const auto rest = at + last_line.size();
        after_ = answer.substr(rest, answer.find('\r', rest) - rest);
        if (!after_.empty()) return;
        if (std::exchange(listed_, 0) != keys_)
            throw Violation(fmt::format("a list does not hold {} keys", keys_));
        ++complete_lists_;
    }

    /// From any thread.
    bool has_listed_all() const { return complete_lists_ > 0; }
    std::uint64_t listed() const { return complete_lists_ * keys_ + listed_; }

private:
    Connection connection_;
    const std::uint64_t keys_;
    const unsigned page_;
    std::string after_;         ///< " after=" and a key, or nothing at the beginning
    std::uint64_t listed_ = 0;  ///< of the present list
    std::atomic<std::uint64_t> complete_lists_{0};
};

/// One after the other, for at least so long and until `enough()`.
template <class Enough>
Retrieves retrieve(Connection& connection, unsigned keys, nanoseconds duration, Enough&& enough) {
    constexpr unsigned stride = 7919;
    std::vector<nanoseconds> times;
    const auto end = Clock::now() + duration;
    for (unsigned i = 0; Clock::now() < end || !enough(); i = (i + stride) % keys) {
        const auto key = key_name(i);
        const auto expected = fmt::format("RETRIEVED {}=x\r\n", key);
        const auto asked = Clock::now();
        const auto answer = connection.ask(fmt::format("RETRIEVE {}\r\n", key), "\r\n");
        times.push_back(Clock::now() - asked);
        if (answer != expected) report_mismatch(expected, answer);
    }
    std::sort(times.begin(), times.end());
    return {percentile(times, 50), percentile(times, 99), percentile(times, 99.9)};
}

}  // namespace

Listed list_keys(const Target& target, unsigned keys, unsigned page, nanoseconds duration) {
    auto connection = target.connect();
    fill(connection, keys);
    Listed result{};
    result.alone = retrieve(connection, keys, duration, [] { return true; });
    Lister lister(target, keys, page);
    const auto start = Clock::now();
    Background listing([&] { lister.next_page(); });
    result.beside_list = retrieve(connection, keys, duration,
                                  [&] { return lister.has_listed_all() || listing.ended(); });
    listing.stop();
    const std::chrono::duration<double> took = Clock::now() - start;
    result.beside_list.keys_per_second = static_cast<double>(lister.listed()) / took.count();
    return result;
}

}  // namespace clacks::bench
