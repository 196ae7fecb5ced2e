#include "bench/store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>

#include "bench/mismatch.hpp"
#include "bench/patience.hpp"

namespace clacks::bench {

Store::Store(const Target& target, unsigned connections, unsigned depth,
             unsigned keys_per_connection)
    : target_(target), dialect_(target.dialect()), depth_(depth) {
    clients_.reserve(connections);
    for (unsigned i = 0; i < connections; ++i) {
        auto& client = clients_.emplace_back(Client{target.connect(), {}, {}, {}, {}});
        for (unsigned key = 0; key < keys_per_connection; ++key) {
            client.keys.push_back(fmt::format("bench::{:02}:{:05}", i, key));
            client.numbers.emplace_back(zero);
            add_store(client, key);
        }
        add_settle(client);
        await_answer(client);
        poller_.add(client.connection, i);
    }
}

Measurement Store::run(Operations operations, nanoseconds duration) {
    const Stopwatch watch(target_.process());
    const auto end = Clock::now() + duration;
    batch_times_.clear();
    for (auto& client : clients_) start_batch(client, operations, Clock::now());
    while (busy_ > 0) {
        turn(patience, [&](Client& client) {
            if (Clock::now() < end) start_batch(client, operations, Clock::now());
        });
    }
    return watch.stop(batch_times_.size() * depth_);
}

Measurement Store::pace(Operations operations, nanoseconds interval, nanoseconds duration) {
    const Stopwatch watch(target_.process());
    const auto batches = static_cast<std::size_t>(duration / interval);
    auto due = Clock::now();
    std::deque<Client*> idle;
    for (auto& client : clients_) idle.push_back(&client);
    batch_times_.clear();
    for (std::size_t begun = 0; begun < batches || busy_ > 0;) {
        auto timeout = patience;
        if (begun < batches && !idle.empty()) {
            timeout = std::max(nanoseconds(due - Clock::now()), nanoseconds::zero());
            if (timeout == nanoseconds::zero()) {
                start_batch(*idle.front(), operations, due);
                idle.pop_front();
                due += interval;
                ++begun;
            }
        }
        turn(timeout, [&](Client& client) { idle.push_back(&client); });
    }
    return watch.stop(batch_times_.size() * depth_);
}

void Store::finish() {
    for (auto& client : clients_) {
        for (std::size_t key = 0; key < client.keys.size(); ++key) add_retrieve(client, key);
        await_answer(client);
    }
}

void Store::await_answer(Client& client) {
    while (!client.connection.flush()) await(client.connection, true);
    while (!client.expected.empty()) {
        if (client.connection.receive())
            take(client);
        else
            await(client.connection, false);
    }
}

void Store::add_store(Client& client, std::size_t key) {
    auto& number = client.numbers[key];
    count_up(Digits(number.data(), number.size()));
    dialect_.store.append_to(client.connection.output(), client.keys[key], number);
    client.expected += dialect_.stored;
}

void Store::add_retrieve(Client& client, std::size_t key) {
    dialect_.retrieve.append_to(client.connection.output(), client.keys[key], {});
    dialect_.retrieved.append_to(client.expected, client.keys[key], client.numbers[key]);
}

void Store::add_settle(Client& client) {
    client.connection.output() += dialect_.settle;
    client.expected += dialect_.settled;
}

void Store::add_batch(Client& client, Operations operations) {
    for (unsigned i = 0; i < depth_; ++i) {
        const std::size_t key = random_() % client.keys.size();
        // The last of a mixed batch is a retrieve: its answer shows that the batch is done.
        const bool alternate = operations == Operations::mixed && (depth_ - i) % 2 == 0;
        const bool seldom = operations == Operations::cached && random_() % 10 == 0;
        if (alternate || seldom || operations == Operations::store)
            add_store(client, key);
        else
            add_retrieve(client, key);
    }
    if (operations == Operations::store) add_settle(client);
}

void Store::start_batch(Client& client, Operations operations, Clock::time_point asked) {
    add_batch(client, operations);
    client.asked = asked;
    flush(client);
    ++busy_;
}

void Store::flush(Client& client) {
    if (const bool full = !client.connection.flush(); full != client.blocked) {
        client.blocked = full;
        const auto number = static_cast<std::uint32_t>(&client - clients_.data());
        poller_.watch_writable(client.connection, number, full);
    }
}

/// Waits for one event at most that long, and serves all that are there.
template <class OnAnswered>
void Store::turn(nanoseconds timeout, OnAnswered&& on_answered) {
    const auto events = poller_.wait(timeout);
    if (events.empty() && timeout == patience)
        throw Violation(fmt::format("lost: {} connections wait for an answer", busy_));
    for (const auto& event : events) {
        auto& client = clients_[event.data.u32];
        const bool waits = !client.expected.empty();
        if (client.blocked) flush(client);
        while (client.connection.receive()) {
            take(client);
            if (!client.connection.pending()) break;
        }
        if (!waits || !client.expected.empty()) continue;
        batch_times_.push_back(Clock::now() - client.asked);
        --busy_;
        on_answered(client);
    }
}

/// Compares what has arrived with the answer it should be.
void Store::take(Client& client) {
    const auto input = client.connection.input();
    if (!client.expected.starts_with(input)) report_mismatch(client.expected, input);
    client.expected.erase(0, input.size());
    client.connection.consume(input.size());
}

}  // namespace clacks::bench
