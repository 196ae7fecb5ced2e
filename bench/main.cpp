// clacks-load: loads clacksd, redis-server and memcached in turns and compares what they cost. See
// README.md.

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>
#include <thread>

#include "bench/cache.hpp"
#include "bench/comparison.hpp"
#include "bench/fan_out.hpp"
#include "bench/idle.hpp"
#include "bench/keys.hpp"
#include "bench/memory.hpp"
#include "bench/monitor.hpp"
#include "bench/options.hpp"
#include "bench/persistence.hpp"
#include "bench/report.hpp"
#include "bench/store.hpp"
#include "bench/waiting.hpp"

namespace clacks::bench {
namespace {

// The bars of the project: cost of clacksd as a multiple of Redis's, and memory.
constexpr double fan_out_bar = 1.0;
constexpr double store_bar = 1.3;
constexpr double idle_bar_bytes = 40 * 1024;
constexpr double entry_bar = 1.15;  // beside memcached
// The share of their throughput that a monitor takes from other clients, of those that send little
// at once and of those that send much; and what a list of keys may make others wait.
constexpr unsigned question_and_answer = 2;
constexpr double monitor_bar = 0.1;
constexpr nanoseconds list_bar = std::chrono::milliseconds(5);
// A million entries on the disk; and what clients may notice, as a multiple of without.
constexpr Saving saving_bars = {.first = std::chrono::seconds(4),
                                .after_changes = std::chrono::milliseconds(50),
                                .start = std::chrono::milliseconds(1500)};
constexpr double waiting_bar = 1.2;
// Beside memcached: question and answer, and 16 questions at once.
constexpr double cache_bar = 1.0;
constexpr double pipelined_cache_bar = 0.2;
constexpr double cache_wait_bar = 1.0;
constexpr unsigned pipelined = 16;

constexpr nanoseconds warm_up = std::chrono::milliseconds(200);
constexpr std::array transports = {Transport::unix_socket, Transport::tls};

std::string_view name_of(Transport transport) {
    if (transport == Transport::tcp) return "TCP";
    return transport == Transport::tls ? "TLS" : "unix socket";
}

std::vector<Contender> nodes_of(const Options& options) {
    std::vector<Contender> all;
    for (const auto threads : options.threads)
        all.push_back({Contender::Kind::clacksd, options.clacksd, threads});
    return all;
}

std::vector<Contender> contenders_of(const Options& options) {
    auto all = nodes_of(options);
    all.insert(all.begin(), {Contender::Kind::redis, options.redis, 1});
    return all;
}

bool run_fan_out(const Options& options, Transport transport) {
    const auto title = fmt::format("fan-out, {}: deliveries to {} listeners, window {}",
                                   name_of(transport), options.listeners, options.window);
    const auto results =
        compare(options, contenders_of(options), title, transport, [&](const Target& target) {
            FanOut load(target, options.listeners, options.window);
            load.saturate(warm_up);
            const auto cost = load.saturate(options.duration());
            load.finish();
            return cost;
        });
    return report_cost(title, results, fan_out_bar);
}

bool run_store(const Options& options, Transport transport, const std::string& name) {
    const auto operations = name == "store"      ? Operations::store
                            : name == "retrieve" ? Operations::retrieve
                                                 : Operations::mixed;
    const auto title = fmt::format("store, {}: {} operations, {} connections, {} deep",
                                   name_of(transport), name, options.connections, options.depth);
    const auto results =
        compare(options, contenders_of(options), title, transport, [&](const Target& target) {
            Store load(target, options.connections, options.depth);
            load.run(operations, warm_up);
            const auto cost = load.run(operations, options.duration());
            load.finish();
            return cost;
        });
    return report_cost(title, results, store_bar);
}

void run_latency(const Options& options, Transport transport) {
    const auto title = fmt::format("latency, {}: {} messages a second to {} listeners",
                                   name_of(transport), options.rate, options.listeners);
    const auto interval = nanoseconds(std::chrono::seconds(1)) / options.rate;
    const auto results =
        compare(options, contenders_of(options), title, transport, [&](const Target& target) {
            FanOut load(target, options.listeners, options.window);
            load.pace(interval, warm_up);
            const auto paced = load.pace(interval, options.duration());
            load.finish();
            return paced;
        });
    report_latency(title, results);
}

bool run_idle(const Options& options) {
    const auto title = fmt::format("memory of {} idle TLS connections", options.idle);
    const auto results =
        compare(options, contenders_of(options), title, Transport::tls,
                [&](const Target& target) { return idle_connection_bytes(target, options.idle); });
    return report_memory(title, results, idle_bar_bytes);
}

bool run_memory(const Options& options) {
    auto contenders = nodes_of(options);
    contenders.insert(contenders.begin(), {Contender::Kind::memcached, options.memcached, 4});
    const auto title =
        fmt::format("memory of {} entries, keys of 16 bytes, values of 32", options.entries);
    const auto results =
        compare(options, contenders, title, Transport::unix_socket,
                [&](const Target& target) { return entry_bytes(target, options.entries, 32); });
    return report_entries(title, results, entry_bar);
}

std::vector<Contender> caches_of(const Options& options) {
    return {{Contender::Kind::memcached, options.memcached, 1},
            {Contender::Kind::clacksd_cache, options.clacksd, 1}};
}

/// The same of what memcached's clients store.
bool run_cache_memory(const Options& options) {
    const auto title = fmt::format("memory of {} items of a cache, keys of 16 bytes, values of 100",
                                   options.entries);
    const auto results =
        compare(options, caches_of(options), title, Transport::unix_socket,
                [&](const Target& target) { return entry_bytes(target, options.entries, 100); });
    return report_entries(title, results, entry_bar);
}

/// How often memcached can be asked, with some to spare.
double rate_for_both(const Comparison<Measurement>& results) {
    double slowest = std::numeric_limits<double>::max();
    for (const auto& round : results.front().rounds)
        slowest = std::min(slowest, round.operations_per_second());
    return slowest / 2;
}

/// What it costs, and how long clients wait where both servers are asked equally often.
bool run_cache(const Options& options, Transport transport, unsigned depth) {
    const auto title = fmt::format("cache, {}: get and set 90/10, {} connections, {} deep",
                                   name_of(transport), options.connections, depth);
    CacheLoad load{.connections = options.connections,
                   .depth = depth,
                   .interval = nanoseconds::zero(),
                   .duration = options.duration(),
                   .bound = options.bound};
    const auto measure = [&](const Targets& targets) { return load_caches(targets, load); };
    const auto contenders = caches_of(options);
    const auto costs = convert_all(compare_at_once(options, contenders, title, transport, measure),
                                   [](const Batches& batches) { return batches.cost; });
    const bool holds = report_cost(title, costs, depth == 1 ? cache_bar : pipelined_cache_bar);
    load.interval = std::chrono::duration_cast<nanoseconds>(
        std::chrono::duration<double>(static_cast<double>(depth) / rate_for_both(costs)));
    const auto paced = title + ", paced";
    const auto waiting =
        convert_all(compare_at_once(options, contenders, paced, transport, measure), Waiting::from);
    return report_waiting(paced, waiting, {&Waiting::p99_of_slice, cache_wait_bar}) && holds;
}

/// Of connections without TLS, which say nothing.
bool run_idle_cache(const Options& options) {
    const auto title = fmt::format("memory of {} idle connections to a cache", options.idle);
    const auto results =
        compare(options, caches_of(options), title, Transport::unix_socket,
                [&](const Target& target) { return idle_connection_bytes(target, options.idle); });
    return report_entries(title, results, cache_bar);
}

bool run_monitor(const Options& options, Transport transport, unsigned depth) {
    const auto title = fmt::format("monitor, {}: mixed operations, {} connections, {} deep",
                                   name_of(transport), options.connections, depth);
    const auto results =
        compare(options, nodes_of(options), title, transport, [&](const Target& target) {
            return watch_store(target, options.connections, depth, options.duration());
        });
    bool all_hold = true;
    for (const auto& node : results) {
        Comparison<Measurement> kinds = {{"nobody watches", {}},
                                         {"a monitor", {}},
                                         {"one that all meet", {}},
                                         {"one that none meets", {}}};
        double shown = 0;
        for (const auto& round : node.rounds) {
            for (std::size_t i = 0; i < kinds.size(); ++i)
                kinds[i].rounds.push_back(round.costs[i]);
            shown += round.shown / static_cast<double>(node.rounds.size());
        }
        kinds[1].label += fmt::format(", shown {:.0f} %", 100 * shown);
        all_hold &= report_throughput(fmt::format("{}; {}", title, node.label), kinds, monitor_bar);
    }
    return all_hold;
}

bool run_keys(const Options& options, Transport transport) {
    const auto title = fmt::format("keys, {}: retrieves, and a list of {} keys in pages of {}",
                                   name_of(transport), options.keys, options.page);
    const auto results =
        compare(options, nodes_of(options), title, transport, [&](const Target& target) {
            return list_keys(target, options.keys, options.page, options.duration());
        });
    return report_lists(title, results, list_bar);
}

bool run_saving(const Options& options) {
    const auto title = fmt::format("persistence: {} entries", options.keys);
    Comparison<Saving> results;
    for (const auto threads : options.threads) {
        const Contender node{Contender::Kind::clacksd, options.clacksd, threads};
        auto& result = results.emplace_back();
        result.label = node.label();
        for (unsigned round = 0; round < options.rounds; ++round) {
            show_progress(fmt::format("{}: round {} of {}, {}", title, round + 1, options.rounds,
                                      node.label()));
            result.rounds.push_back(save_and_load(node, options.directory, options.keys));
        }
        show_progress("");
    }
    return report_saving(title, results, saving_bars);
}

bool run_waiting(const Options& options, Transport transport) {
    const auto title =
        fmt::format("persistence, {}: mixed operations on {} entries, {} connections, {} deep",
                    name_of(transport), options.keys, options.connections, options.depth);
    bool all_hold = true;
    for (const auto& node : nodes_of(options)) {
        auto saving = node;
        saving.interval = "10s";
        const WaitingLoad load{.connections = options.connections,
                               .depth = options.depth,
                               .entries = options.keys,
                               .bound = options.bound};
        auto results = convert_all(compare_at_once(options, {node, saving}, title, transport,
                                                   [&](const Targets& targets) {
                                                       return load_in_long_turns(targets, load);
                                                   }),
                                   Waiting::from);
        results[0].label = "nothing is saved";
        results[1].label = "a snapshot every 10 s";
        all_hold &= report_waiting(fmt::format("{}; {}", title, node.label()), results,
                                   {&Waiting::p99, waiting_bar});
    }
    return all_hold;
}

/// Returns whether the bars of this load hold.
bool run_load(const Options& options, const std::string& load) {
    if (load == "idle") return run_idle(options);
    if (load == "memory") {
        const bool holds = run_memory(options);
        return run_cache_memory(options) && holds;
    }
    if (load == "cache") {
        bool hold = run_idle_cache(options);
        for (const auto transport : {Transport::unix_socket, Transport::tcp}) {
            hold &= run_cache(options, transport, 1);
            hold &= run_cache(options, transport, pipelined);
        }
        return hold;
    }
    bool all_hold = load != "persistence" || run_saving(options);
    for (const auto transport : transports) {
        if (load == "latency") run_latency(options, transport);
        if (load == "monitor") {
            all_hold &= run_monitor(options, transport, question_and_answer);
            all_hold &= run_monitor(options, transport, options.depth);
        }
        if (load == "keys") all_hold &= run_keys(options, transport);
        if (load == "persistence") all_hold &= run_waiting(options, transport);
        if (load == "fan-out") all_hold &= run_fan_out(options, transport);
        if (load != "store") continue;
        for (const auto& operations : options.operations)
            all_hold &= run_store(options, transport, operations);
    }
    return all_hold;
}

bool run(const Options& options) {
    fmt::print("medians of {} rounds of {} s on {} cores\n", options.rounds, options.seconds,
               std::thread::hardware_concurrency());
    bool all_hold = true;
    for (const auto& load : options.loads) all_hold &= run_load(options, load);
    fmt::print("\n{}\n", all_hold ? "all bars hold" : "a bar was MISSED");
    return all_hold;
}

/// The servers inherit it: both ends of every connection need a descriptor.
void allow_many_descriptors() {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

}  // namespace clacks::bench

int main(int argc, char** argv) {
    using namespace clacks::bench;
    const auto options = Options::parse(argc, argv);
    allow_many_descriptors();
    ::prctl(PR_SET_TIMERSLACK, 1UL);  // pacing is in microseconds, timers are late by 50 of them
    try {
        return run(options) ? 0 : 1;
    } catch (const Violation& violation) {
        fmt::print("\nFAILED: {}\n", violation.what());
        return 1;
    } catch (const std::exception& error) {
        fmt::print(stderr, "clacks-load: {}\n", error.what());
        return 2;
    }
}
