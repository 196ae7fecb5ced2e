#pragma once

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <deque>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "bench/cache.hpp"
#include "bench/dialect.hpp"
#include "bench/options.hpp"
#include "bench/report.hpp"
#include "bench/target.hpp"

// Servers, and what has been measured of each.
namespace clacks::bench {

inline void show_progress(std::string_view text) {
    if (::isatty(STDERR_FILENO) == 1) fmt::print(stderr, "\r\033[K{}", text);
}

inline Dialect dialect_of(const Contender& contender, const Options& options) {
    switch (contender.kind) {
        case Contender::Kind::redis:
            return redis_dialect(options.listeners);
        case Contender::Kind::memcached:
        case Contender::Kind::clacksd_cache:
            return memcached_dialect();
        case Contender::Kind::clacksd:
            break;
    }
    return clacks_dialect();
}

/// Measures every server in turn, round after round, each time a fresh one.
template <class Measure>
auto compare(const Options& options, const std::vector<Contender>& contenders,
             std::string_view title, Transport transport, Measure&& measure) {
    Comparison<std::invoke_result_t<Measure, const Target&>> comparison;
    for (const auto& contender : contenders) comparison.push_back({contender.label(), {}});
    for (unsigned round = 0; round < options.rounds; ++round) {
        for (std::size_t i = 0; i < contenders.size(); ++i) {
            show_progress(fmt::format("{}: round {} of {}, {}", title, round + 1, options.rounds,
                                      contenders[i].label()));
            const auto dialect = dialect_of(contenders[i], options);
            const Target target(contenders[i], dialect, transport, options.directory);
            comparison[i].rounds.push_back(target.blame([&] { return measure(target); }));
        }
    }
    show_progress("");
    return comparison;
}

/// Measures servers that run at the same time, and say what batches gave, round after round.
template <class Measure>
Comparison<Batches> compare_at_once(const Options& options,
                                    const std::vector<Contender>& contenders,
                                    std::string_view title, Transport transport,
                                    Measure&& measure) {
    Comparison<Batches> comparison;
    std::deque<Dialect> dialects;
    for (const auto& contender : contenders) {
        comparison.push_back({contender.label(), {}});
        dialects.push_back(dialect_of(contender, options));
    }
    for (unsigned round = 0; round < options.rounds; ++round) {
        show_progress(fmt::format("{}: round {} of {}", title, round + 1, options.rounds));
        Targets targets;
        for (std::size_t i = 0; i < contenders.size(); ++i) {
            targets.push_back(
                std::make_unique<Target>(contenders[i], dialects[i], transport, options.directory));
        }
        auto results = measure(targets);
        for (std::size_t i = 0; i < results.size(); ++i)
            comparison[i].rounds.push_back(std::move(results[i]));
    }
    show_progress("");
    return comparison;
}

template <class Result, class Convert>
auto convert_all(const Comparison<Result>& comparison, Convert convert) {
    Comparison<std::invoke_result_t<Convert, const Result&>> converted;
    for (const auto& server : comparison) {
        auto& of_server = converted.emplace_back();
        of_server.label = server.label;
        for (const auto& round : server.rounds) of_server.rounds.push_back(convert(round));
    }
    return converted;
}

}  // namespace clacks::bench
