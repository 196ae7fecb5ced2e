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

constexpr std::string_view missed_line = "DEBUG MONITOR=MISSED=";
constexpr std::string_view met_conditions = "command=STORE,RETRIEVE";
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
    while (connection_.receive()) {
        count();
        if (!connection_.pending()) break;
    }
}

/// The lines that have arrived whole. Few of them are looked at: the server makes them in little
/// more time than it takes to find their ends.
void Monitor::count() {
    const auto input = connection_.input();
    std::size_t begin = 0;
    for (auto end = input.find('\n'); end != input.npos; end = input.find('\n', begin)) {
        const auto line = input.substr(begin, end - begin);
        if (line.starts_with(missed_line)) {
            missed_ += std::stoull(std::string(line.substr(missed_line.size())));
        } else if (line.starts_with("FLUSHED ")) {
            ended_ = true;
        } else {
            ++shown_;
        }
        begin = end + 1;
    }
    connection_.consume(begin);
}

double Monitor::end(std::uint64_t lines) {
    reading_->stop();
    connection_.output() += "UNMONITOR\r\nFLUSH end\r\n";
    while (!connection_.flush()) read();
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!ended_ && std::chrono::steady_clock::now() < deadline) read();
    if (shown_ + missed_ != lines) {
        throw Violation(fmt::format("a monitor was shown {} lines of {}, and told of {} missed",
                                    shown_, lines, missed_));
    }
    return lines == 0 ? 1 : static_cast<double>(shown_) / static_cast<double>(lines);
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
        return monitor.end(sees_all ? operations : 0);
    };
    Watched sums{};
    for (unsigned i = 0; i < turns; ++i) {
        turn(sums.costs[0]);
        sums.shown += watched_turn("", true, sums.costs[1]) / turns;
        watched_turn(met_conditions, true, sums.costs[2]);
        watched_turn(unmet_conditions, false, sums.costs[3]);
    }
    load.finish();
    return sums;
}

}  // namespace clacks::bench
