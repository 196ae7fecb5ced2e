#include "bench/monitor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "bench/patience.hpp"
#include "bench/store.hpp"
#include "bench/turns.hpp"

namespace clacks::bench {

namespace {

/// Nothing of the load is one of these.
constexpr std::string_view unmet_conditions = "command=NOTIFY,CLEARCACHE name=elsewhere::**";

}  // namespace

Monitor::Monitor(const Target& target, std::string_view conditions)
    : connection_(target.connect()) {
    const auto request =
        fmt::format("MONITOR{}{}\r\nFLUSH bench\r\n", conditions.empty() ? "" : " ", conditions);
    connection_.ask(request, "FLUSHED bench\r\n");
    poller_.add(connection_, 0);
    reading_.emplace([this] { read(); });
}

void Monitor::read() {
    constexpr std::chrono::milliseconds a_while{20};
    if (poller_.wait(a_while).empty()) return;
    std::uint64_t lines = 0;
    while (connection_.receive()) {
        const auto input = connection_.input();
        for (auto end = input.find('\n'); end != input.npos; end = input.find('\n', end + 1))
            ++lines;
        connection_.consume(input.size());
        if (!connection_.pending()) break;
    }
    lines_ += lines;
}

void Monitor::await_lines(std::uint64_t count) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (lines_ < count && std::chrono::steady_clock::now() < deadline)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    reading_->stop();
    if (lines_ != count)
        throw Violation(fmt::format("a monitor was shown {} lines of {}", lines_, count));
}

Watched watch_store(const Target& target, unsigned connections, unsigned depth,
                    nanoseconds duration) {
    Store load(target, connections, depth);
    const auto turn = [&](Measurement& sum) {
        const auto warm_up = load.run(Operations::mixed, duration / turns / warm_up_share);
        const auto cost = load.run(Operations::mixed, duration / turns);
        sum += cost;
        return warm_up.operations + cost.operations;
    };
    const auto watched_turn = [&](std::string_view conditions, bool sees_all, Measurement& sum) {
        Monitor monitor(target, conditions);
        const auto operations = turn(sum);
        monitor.await_lines(sees_all ? operations : 0);
    };
    Watched sums{};
    for (unsigned i = 0; i < turns; ++i) {
        turn(sums[0]);
        watched_turn("", true, sums[1]);
        watched_turn(unmet_conditions, false, sums[2]);
    }
    load.finish();
    return sums;
}

}  // namespace clacks::bench
