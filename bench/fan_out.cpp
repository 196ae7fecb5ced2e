#include "bench/fan_out.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "bench/mismatch.hpp"
#include "bench/patience.hpp"
#include "bench/percentile.hpp"

namespace clacks::bench {

namespace {

constexpr std::uint32_t publisher_number = 0;  // in the poller; the listeners follow

}  // namespace

FanOut::FanOut(const Target& target, unsigned listeners, unsigned window)
    : target_(target), dialect_(target.dialect()), window_(window), publisher_(target.connect()) {
    poller_.add(publisher_, publisher_number);
    listeners_.reserve(listeners);
    for (unsigned i = 0; i < listeners; ++i) {
        auto& listener = listeners_.emplace_back(Listener{target.connect(), {}});
        listener.connection.ask(dialect_.listen, dialect_.listening);
        dialect_.delivery.append_to(listener.expected, topic, zero);
        poller_.add(listener.connection, i + 1);
    }
}

Measurement FanOut::saturate(nanoseconds duration) {
    const Stopwatch watch(target_.process());
    const auto before = published_;
    const auto end = Clock::now() + duration;
    do {
        const auto on_the_way = published_ - slowest();
        if (on_the_way <= window_ / 2) publish(window_ - on_the_way);
        turn(patience);
    } while (Clock::now() < end);
    drain();
    return watch.stop((published_ - before) * listeners_.size());
}

Paced FanOut::pace(nanoseconds interval, nanoseconds duration) {
    std::vector<nanoseconds> latencies;
    const auto messages = static_cast<std::uint64_t>(duration / interval);
    latencies.reserve(messages * listeners_.size());
    const Stopwatch watch(target_.process());
    latencies_ = &latencies;
    interval_ = interval;
    paced_from_ = published_;
    start_ = Clock::now();
    while (published_ < paced_from_ + messages) {
        const auto early = due(published_) - Clock::now();
        if (early <= nanoseconds::zero()) publish(1);
        turn(std::max(early, nanoseconds::zero()));
    }
    drain();
    latencies_ = nullptr;
    const auto cost = watch.stop(messages * listeners_.size());
    std::sort(latencies.begin(), latencies.end());
    return {cost, percentile(latencies, 50), percentile(latencies, 99),
            percentile(latencies, 99.9)};
}

void FanOut::finish() {
    for (auto& listener : listeners_) {
        const auto answer = listener.connection.ask(dialect_.barrier, dialect_.passed);
        if (answer != dialect_.passed) report_mismatch(dialect_.passed, answer);
    }
}

void FanOut::publish(std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) {
        dialect_.publish.append_to(publisher_.output(), topic, number_);
        count_up(Digits(number_.data(), number_.size()));
    }
    published_ += count;
    if (!blocked_) flush_publisher();
}

/// Waits for one event at most that long, and serves all that are there.
void FanOut::turn(nanoseconds timeout) {
    const auto events = poller_.wait(timeout);
    if (events.empty() && timeout == patience) report_loss();
    for (const auto& event : events) {
        if (event.data.u32 != publisher_number) {
            read_listener(listeners_[event.data.u32 - 1]);
            continue;
        }
        if (blocked_) flush_publisher();
        read_publisher();
    }
}

void FanOut::flush_publisher() {
    if (const bool full = !publisher_.flush(); full != blocked_) {
        blocked_ = full;
        poller_.watch_writable(publisher_, publisher_number, blocked_);
    }
}

void FanOut::read_publisher() {
    const auto& answer = dialect_.published;
    while (publisher_.receive()) {
        auto input = publisher_.input();
        while (!answer.empty() && input.starts_with(answer)) {
            input.remove_prefix(answer.size());
            ++answered_;
        }
        publisher_.consume(publisher_.input().size() - input.size());
        if (!answer.starts_with(input)) report_mismatch(answer, input);
        if (!publisher_.pending()) break;
    }
}

void FanOut::read_listener(Listener& listener) {
    while (listener.connection.receive()) {
        const auto first = listener.received;
        listener.take(dialect_.delivery);
        if (latencies_) {
            const auto now = Clock::now();
            for (auto number = first; number < listener.received; ++number)
                latencies_->push_back(now - due(number));
        }
        if (!listener.connection.pending()) break;
    }
}

/// Compares all complete deliveries with what they should be.
void FanOut::Listener::take(const Frame& delivery) {
    const auto input = connection.input();
    const auto number = delivery.number_in(expected);
    std::size_t at = 0;
    while (input.size() - at >= expected.size()) {
        if (input.compare(at, expected.size(), expected) != 0)
            report_mismatch(expected, input.substr(at, expected.size()));
        count_up(number);
        at += expected.size();
        ++received;
    }
    connection.consume(at);
}

FanOut::Clock::time_point FanOut::due(std::uint64_t number) const {
    return start_ + interval_ * static_cast<std::int64_t>(number - paced_from_);
}

std::uint64_t FanOut::slowest() const {
    std::uint64_t least = published_;
    for (const auto& listener : listeners_) least = std::min(least, listener.received);
    return least;
}

bool FanOut::drained() const {
    return slowest() == published_ && (dialect_.published.empty() || answered_ == published_);
}

void FanOut::report_loss() const {
    for (const auto& listener : listeners_) {
        if (listener.received < published_)
            throw Violation(fmt::format("lost: of {} messages a listener got {}, and then {:?}",
                                        published_, listener.received,
                                        listener.connection.input()));
    }
    throw Violation(fmt::format("lost: of {} messages {} were answered to the publisher",
                                published_, answered_));
}

void FanOut::drain() {
    while (!drained()) turn(patience);
}

}  // namespace clacks::bench
