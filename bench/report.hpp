#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/fan_out.hpp"
#include "bench/keys.hpp"
#include "bench/measurement.hpp"
#include "bench/persistence.hpp"
#include "bench/waiting.hpp"

// The tables. All figures are medians over the rounds; a ratio is the median of the ratios within
// each round, because a noisy machine is noisy for both servers of one round.
namespace clacks::bench {

/// What one server gave, a result a round.
template <class Result>
struct Results {
    std::string label;
    std::vector<Result> rounds;
};

/// Of all servers of one load; the first is what the others are compared with, mostly Redis.
template <class Result>
using Comparison = std::vector<Results<Result>>;

/// Prints what an operation costs. The ratios of the others to the first must not exceed the bar,
/// if there is one; returns whether they hold.
bool report_cost(std::string_view title, const Comparison<Measurement>& servers,
                 std::optional<double> bar);

/// Prints what clients get done of the same operations under different conditions. Under the others
/// they must lose less than `bar` of their throughput under the first, 0 to 1; returns whether that
/// holds. The ratio is of what an operation costs.
bool report_throughput(std::string_view title, const Comparison<Measurement>& conditions,
                       double bar);

/// Prints latencies and cost; there is no bar.
void report_latency(std::string_view title, const Comparison<Paced>& servers);

/// Prints how long retrieves took, alone and while keys were listed. Those of the second kind must
/// stay below the bar at the 99th percentile; returns whether they do.
bool report_lists(std::string_view title, const Comparison<Listed>& servers, nanoseconds bar);

/// Prints how long it took to save and to load a store, and whether that is within the bars.
bool report_saving(std::string_view title, const Comparison<Saving>& servers, const Saving& bars);

/// What of Waiting is judged, and by which multiple of that of the first server.
struct WaitingBar {
    nanoseconds Waiting::*figure;
    double most;
};

/// Prints how long clients waited. Returns whether the bar holds for all servers but the first.
bool report_waiting(std::string_view title, const Comparison<Waiting>& servers,
                    const WaitingBar& bar);

/// Prints bytes per connection. Those of clacksd must stay below the bar; returns whether they do.
bool report_memory(std::string_view title, const Comparison<double>& servers, double bar_bytes);

/// Prints bytes per entry. The ratios of the others to the first must not exceed the bar; returns
/// whether they hold.
bool report_entries(std::string_view title, const Comparison<double>& servers, double bar);

}  // namespace clacks::bench
