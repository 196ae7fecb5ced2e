#include "bench/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <functional>

namespace clacks::bench {

namespace {

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    const auto middle = values.size() / 2;
    return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

/// `figure` is called with a result, or is a member of it.
template <class Result, class Figure>
double median_of(const Results<Result>& server, Figure figure) {
    std::vector<double> values;
    for (const auto& round : server.rounds) values.push_back(std::invoke(figure, round));
    return median(std::move(values));
}

std::string percent(double share) { return fmt::format("{:.0f} %", 100 * share); }
std::string per_operation(double ns) { return fmt::format("{:.0f} ns", ns); }
std::string_view verdict(bool holds) { return holds ? "holds" : "MISSED"; }

/// 1234567.8 as 1,234,568
std::string grouped(double number) {
    auto text = fmt::format("{:.0f}", number);
    for (auto at = text.size(); at > 3;) text.insert(at -= 3, 1, ',');
    return text;
}

std::string milliseconds(double ns) { return fmt::format("{:.0f} ms", ns / 1e6); }
std::string microseconds(double ns) { return fmt::format("{:.0f} us", ns / 1000); }

std::string microseconds(const Results<Paced>& server, nanoseconds Paced::*percentile) {
    return microseconds(median_of(server, [&](const Paced& paced) {
        return static_cast<double>((paced.*percentile).count());
    }));
}

/// Median, and in brackets the extremes.
std::string with_range(const std::vector<double>& values) {
    const auto [least, most] = std::minmax_element(values.begin(), values.end());
    return fmt::format("{:.2f} ({:.2f}-{:.2f})", median(values), *least, *most);
}

std::string percent_with_range(const std::vector<double>& shares) {
    const auto [least, most] = std::minmax_element(shares.begin(), shares.end());
    return fmt::format("{:.1f} % ({:.1f} to {:.1f})", 100 * median(shares), 100 * *least,
                       100 * *most);
}

template <class Result, class Figure>
std::vector<double> ratios(const Results<Result>& ours, const Results<Result>& theirs,
                           Figure figure) {
    std::vector<double> values;
    for (std::size_t i = 0; i < ours.rounds.size(); ++i)
        values.push_back(std::invoke(figure, ours.rounds[i]) /
                         std::invoke(figure, theirs.rounds[i]));
    return values;
}

/// What stands right of a row's cells; nothing for Redis itself.
struct Judgement {
    std::string ratio;
    std::string bar;
    std::string_view verdict;
};

void print_row(std::string_view label, const std::vector<std::string>& cells,
               const Judgement& judgement = {}) {
    fmt::print("  {:<26}", label);
    for (const auto& cell : cells) fmt::print("{:>13}", cell);
    if (!judgement.bar.empty())
        fmt::print("{:>23}  {:<9} {}", judgement.ratio, judgement.bar, judgement.verdict);
    fmt::print("\n");
    std::fflush(stdout);
}

}  // namespace

bool report_cost(std::string_view title, const Comparison<Measurement>& servers,
                 std::optional<double> bar) {
    bool all_hold = true;
    fmt::print("\n{}\n", title);
    print_row("", {"per second", "server CPU", "server busy", "load busy"},
              {"ratio", "bar", "verdict"});
    for (const auto& server : servers) {
        Judgement judgement;
        if (&server != &servers.front()) {
            const auto values =
                ratios(server, servers.front(), &Measurement::server_ns_per_operation);
            const bool holds = !bar || median(values) <= *bar;
            all_hold &= holds;
            judgement = {with_range(values), bar ? fmt::format("<= {:.2f}", *bar) : "none",
                         bar ? verdict(holds) : ""};
        }
        print_row(server.label,
                  {grouped(median_of(server, &Measurement::operations_per_second)),
                   per_operation(median_of(server, &Measurement::server_ns_per_operation)),
                   percent(median_of(server, &Measurement::server_share)),
                   percent(median_of(server, &Measurement::load_share))},
                  judgement);
    }
    return all_hold;
}

bool report_throughput(std::string_view title, const Comparison<Measurement>& conditions,
                       double bar) {
    bool all_hold = true;
    fmt::print("\n{}\n", title);
    print_row("", {"per second", "server CPU", "ratio", "server busy"},
              {"throughput lost", "bar", "verdict"});
    const auto& first = conditions.front();
    for (const auto& condition : conditions) {
        Judgement judgement;
        std::string cost;
        if (&condition != &first) {
            auto lost = ratios(condition, first, &Measurement::operations_per_second);
            for (auto& share : lost) share = 1 - share;
            const bool holds = median(lost) < bar;
            all_hold &= holds;
            judgement = {percent_with_range(lost), "< " + percent(bar), verdict(holds)};
            cost = fmt::format(
                "{:.2f}", median(ratios(condition, first, &Measurement::server_ns_per_operation)));
        }
        print_row(condition.label,
                  {grouped(median_of(condition, &Measurement::operations_per_second)),
                   per_operation(median_of(condition, &Measurement::server_ns_per_operation)), cost,
                   percent(median_of(condition, &Measurement::server_share))},
                  judgement);
    }
    return all_hold;
}

void report_latency(std::string_view title, const Comparison<Paced>& servers) {
    fmt::print("\n{}\n", title);
    print_row("", {"p50", "p99", "p99.9", "server CPU", "server busy", "load busy"});
    const auto cost = [](auto figure) {
        return [figure](const Paced& paced) { return std::invoke(figure, paced.cost); };
    };
    for (const auto& server : servers) {
        print_row(server.label,
                  {microseconds(server, &Paced::p50), microseconds(server, &Paced::p99),
                   microseconds(server, &Paced::p999),
                   per_operation(median_of(server, cost(&Measurement::server_ns_per_operation))),
                   percent(median_of(server, cost(&Measurement::server_share))),
                   percent(median_of(server, cost(&Measurement::load_share)))});
    }
}

bool report_lists(std::string_view title, const Comparison<Listed>& servers, nanoseconds bar) {
    fmt::print("\n{}\n", title);
    print_row("", {"p50", "p99", "p99.9", "keys/s"}, {"p99: ratio", "bar", "verdict"});
    bool all_hold = true;
    for (const auto& server : servers) {
        const auto figure = [](Retrieves Listed::*kind, nanoseconds Retrieves::*percentile) {
            return [=](const Listed& listed) {
                return static_cast<double>((listed.*kind.*percentile).count());
            };
        };
        const auto cells = [&](Retrieves Listed::*kind) {
            std::vector<std::string> row;
            for (const auto percentile : {&Retrieves::p50, &Retrieves::p99, &Retrieves::p999})
                row.push_back(microseconds(median_of(server, figure(kind, percentile))));
            return row;
        };
        print_row(server.label, cells(&Listed::alone));
        auto row = cells(&Listed::beside_list);
        row.push_back(grouped(median_of(
            server, [](const Listed& listed) { return listed.beside_list.keys_per_second; })));
        std::vector<double> ratios;
        const auto alone = figure(&Listed::alone, &Retrieves::p99);
        const auto beside = figure(&Listed::beside_list, &Retrieves::p99);
        for (const auto& round : server.rounds) ratios.push_back(beside(round) / alone(round));
        const bool holds = median_of(server, beside) < static_cast<double>(bar.count());
        all_hold &= holds;
        print_row("  while keys are listed", row,
                  {with_range(ratios), "< " + microseconds(static_cast<double>(bar.count())),
                   verdict(holds)});
    }
    return all_hold;
}

bool report_saving(std::string_view title, const Comparison<Saving>& servers, const Saving& bars) {
    struct Row {
        std::string_view label;
        nanoseconds Saving::*time;
    };
    constexpr std::array rows = {Row{"first snapshot", &Saving::first},
                                 Row{"after 1,000 changes", &Saving::after_changes},
                                 Row{"ready after a start", &Saving::start}};
    bool all_hold = true;
    for (const auto& server : servers) {
        fmt::print("\n{}; {}\n", title, server.label);
        print_row("", {"time"}, {"share of the bar", "bar", "verdict"});
        for (const auto& row : rows) {
            const auto bar = static_cast<double>((bars.*row.time).count());
            std::vector<double> shares;
            for (const auto& round : server.rounds)
                shares.push_back(static_cast<double>((round.*row.time).count()) / bar);
            const bool holds = median(shares) <= 1;
            all_hold &= holds;
            print_row(row.label, {milliseconds(median(shares) * bar)},
                      {with_range(shares), "<= " + milliseconds(bar), verdict(holds)});
        }
    }
    return all_hold;
}

bool report_waiting(std::string_view title, const Comparison<Waiting>& servers,
                    const WaitingBar& bar) {
    fmt::print("\n{}\n", title);
    const bool of_slice = bar.figure == &Waiting::p99_of_slice;
    print_row("", {"per second", "p50", "p99", "p99.9", "p99 of slice"},
              {of_slice ? "of slice: ratio" : "p99: ratio", "bar", "verdict"});
    const auto figure = [](nanoseconds Waiting::*percentile) {
        return [=](const Waiting& waiting) {
            return static_cast<double>((waiting.*percentile).count());
        };
    };
    bool all_hold = true;
    for (const auto& server : servers) {
        Judgement judgement;
        if (&server != &servers.front()) {
            const auto values = ratios(server, servers.front(), figure(bar.figure));
            const bool holds = median(values) <= bar.most;
            all_hold &= holds;
            judgement = {with_range(values), fmt::format("<= {:.2f}", bar.most), verdict(holds)};
        }
        std::vector<std::string> cells = {grouped(median_of(
            server, [](const Waiting& waiting) { return waiting.operations_per_second; }))};
        for (const auto each :
             {&Waiting::p50, &Waiting::p99, &Waiting::p999, &Waiting::p99_of_slice})
            cells.push_back(microseconds(median_of(server, figure(each))));
        print_row(server.label, cells, judgement);
    }
    return all_hold;
}

bool report_memory(std::string_view title, const Comparison<double>& servers, double bar_bytes) {
    bool all_hold = true;
    fmt::print("\n{}\n", title);
    print_row("", {"each"}, {"ratio", "bar", "verdict"});
    for (const auto& server : servers) {
        const auto bytes = median(server.rounds);
        Judgement judgement;
        if (&server != &servers.front()) {
            const bool holds = bytes < bar_bytes;
            all_hold &= holds;
            judgement = {with_range(ratios(server, servers.front(), std::identity())),
                         fmt::format("< {:.0f} KiB", bar_bytes / 1024), verdict(holds)};
        }
        print_row(server.label, {fmt::format("{:.1f} KiB", bytes / 1024)}, judgement);
    }
    return all_hold;
}

bool report_entries(std::string_view title, const Comparison<double>& servers, double bar) {
    bool all_hold = true;
    fmt::print("\n{}\n", title);
    print_row("", {"each"}, {"ratio", "bar", "verdict"});
    for (const auto& server : servers) {
        Judgement judgement;
        if (&server != &servers.front()) {
            const auto values = ratios(server, servers.front(), std::identity());
            const bool holds = median(values) <= bar;
            all_hold &= holds;
            judgement = {with_range(values), fmt::format("<= {:.2f}", bar), verdict(holds)};
        }
        print_row(server.label, {fmt::format("{:.1f} bytes", median(server.rounds))}, judgement);
    }
    return all_hold;
}

}  // namespace clacks::bench
