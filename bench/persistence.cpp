#include "bench/persistence.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <thread>
#include <vector>

#include "bench/binding.hpp"
#include "bench/mismatch.hpp"
#include "bench/percentile.hpp"
#include "bench/store.hpp"

namespace clacks::bench {

namespace {

using Clock = std::chrono::steady_clock;

/// Between two snapshots, as configurations have it by default.
constexpr std::chrono::seconds default_interval{10};

/// Keys of 16 bytes, values of 32, as the bars have them.
std::string store(unsigned entry, unsigned version) {
    return fmt::format("STORE entry::{:09}={:032}\r\n", entry, version);
}

void flush(Connection& connection, const std::string& request) {
    connection.ask(request + "FLUSH bench\r\n", "FLUSHED bench\r\n");
}

/// What stands between `begin` and the end of the line in an answer.
std::string field(const std::string& answer, std::string_view begin) {
    const auto at = answer.find(begin);
    if (at == std::string::npos) report_mismatch(begin, answer);
    const auto from = at + begin.size();
    return answer.substr(from, answer.find('\r', from) - from);
}

std::string status(Connection& connection) { return connection.ask("STATUS\r\n", "STATUSEND\r\n"); }

/// Saves, and returns how long the snapshot took.
nanoseconds save(Connection& connection) {
    const double asked = std::stod(field(connection.ask("SAVE\r\n", "\r\n"), "SAVING "));
    for (;;) {
        const auto answer = status(connection);
        const auto saved = field(answer, "persistence_saved_at=");
        if (!saved.empty() && std::stod(saved) >= asked)
            return std::chrono::microseconds(std::stoll(field(answer, "persistence_snapshot_us=")));
        if (field(answer, "persistence=") != "ok")
            throw std::runtime_error(field(answer, "persistence_error="));
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

/// Stores them all and saves them; then a thousand anew.
void save_entries(const Target& target, unsigned entries, Saving& saving) {
    constexpr unsigned at_once = 10'000;
    constexpr unsigned changes = 1'000;
    auto connection = target.connect();
    for (unsigned first = 0; first < entries; first += at_once) {
        std::string request;
        for (unsigned i = first; i < std::min(entries, first + at_once); ++i)
            request += store(i, 1);
        flush(connection, request);
    }
    saving.first = save(connection);
    std::string request;
    for (unsigned i = 0; i < changes; ++i)
        request += store(static_cast<unsigned>(std::uint64_t{i} * entries / changes), 2);
    flush(connection, request);
    saving.after_changes = save(connection);
}

/// A node that saves has nothing left to do in the turns of the others.
void settle(const Target& target) {
    auto connection = target.connect();
    if (field(status(connection), "persistence=") == "off") return;
    save(connection);
    std::this_thread::sleep_for(default_interval);  // to remove what is out of date
}

}  // namespace

Saving save_and_load(Contender contender, const std::string& directory, unsigned entries) {
    const auto dialect = clacks_dialect();
    Saving saving{};
    contender.interval = "1h";
    {
        const Target target(contender, dialect, Transport::unix_socket, directory);
        save_entries(target, entries, saving);
    }
    contender.goes_on = true;
    const auto started = Clock::now();
    const Target target(contender, dialect, Transport::unix_socket, directory);
    saving.start = Clock::now() - started;
    auto connection = target.connect();
    const auto keys = field(status(connection), "STATUS keys=");
    if (keys != std::to_string(entries))
        throw Violation(fmt::format("{} of {} entries are there after a start", keys, entries));
    return saving;
}

std::vector<Batches> load_in_long_turns(const Targets& targets, const WaitingLoad& load) {
    constexpr unsigned long_turns = 2;
    const Binding binding(targets, load.bound);
    std::deque<Store> stores;
    for (const auto& target : targets) {
        stores.emplace_back(*target, load.connections, load.depth, load.entries / load.connections);
        // The first snapshot has more to write, and the first few find nothing that is out of date.
        target->blame([&] { stores.back().run(Operations::mixed, 2 * default_interval); });
        settle(*target);
    }
    std::vector<Batches> sums(targets.size());
    for (unsigned turn = 0; turn < long_turns; ++turn) {
        for (std::size_t i = 0; i < targets.size(); ++i) {
            targets[i]->blame([&] {
                stores[i].run(Operations::mixed, default_interval / 2);  // until a snapshot begins
                const auto cost = stores[i].run(Operations::mixed, default_interval);
                sums[i].add(cost, stores[i].batch_times());
            });
            settle(*targets[i]);
        }
    }
    for (std::size_t i = 0; i < targets.size(); ++i) targets[i]->blame([&] { stores[i].finish(); });
    return sums;
}

}  // namespace clacks::bench
