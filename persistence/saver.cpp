#include "persistence/saver.hpp"

#include <algorithm>
#include <utility>

namespace clacks::persistence {

using std::chrono::steady_clock;
using std::chrono::system_clock;

Saver::Saver(Snapshots snapshots, std::chrono::milliseconds interval, Tell tell)
    : snapshots_(std::move(snapshots)),
      tell_(std::move(tell)),
      interval_(interval),
      thread_([this] { run(); }) {}

Saver::~Saver() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
}

void Saver::save_now() {
    const std::lock_guard lock(mutex_);
    asked_ = true;
    wake_.notify_one();
}

void Saver::set_interval(std::chrono::milliseconds interval) {
    const std::lock_guard lock(mutex_);
    interval_ = interval;
    wake_.notify_one();
}

bool Saver::finish() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
    save(true);
    return !status().failing;
}

Saver::Status Saver::status() const {
    const std::lock_guard lock(mutex_);
    return status_;
}

void Saver::run() {
    auto last = steady_clock::now();
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        const auto due = last + interval_;
        if (!asked_ && steady_clock::now() < due) {
            wake_.wait_until(lock, due);
            continue;
        }
        saves_at_once_ = std::exchange(asked_, false);
        lock.unlock();
        last = steady_clock::now();
        save(false);
        lock.lock();
        saves_at_once_ = false;
    }
}

/// Others go first, as long as the snapshot gets on well enough to be done in time: before the next
/// one, and a small one soon. Where they leave nothing at all, no more than one piece waits for it.
void Saver::perform(const std::function<void()>& piece, steady_clock::time_point began,
                    std::uint64_t done, std::uint64_t expected) {
    constexpr std::chrono::milliseconds at_least{10};
    constexpr std::chrono::microseconds for_each{10};
    constexpr std::chrono::microseconds cost_of_each{3};  // on a thread that has a processor
    constexpr std::chrono::milliseconds patience{50};     // a hundred times what a piece takes
    bool hurries = true;
    {
        const std::lock_guard lock(mutex_);
        const auto due =
            began + std::min<std::chrono::nanoseconds>(interval_, at_least + expected * for_each);
        hurries = stopping_ || asked_ || saves_at_once_ || starved_ ||
                  due - steady_clock::now() < (expected - done) * cost_of_each;
    }
    if (hurries) return piece();
    const auto handed_over = steady_clock::now();
    idle_.run(piece);
    starved_ = steady_clock::now() - handed_over > patience;
}

void Saver::save(bool ended) {
    const auto began = steady_clock::now();
    starved_ = false;
    const auto perform_piece = [this, began](const std::function<void()>& piece, std::uint64_t done,
                                             std::uint64_t expected) {
        perform(piece, began, done, expected);
    };
    const auto report = snapshots_.save(ended, system_clock::now(), perform_piece);
    const auto took = std::chrono::ceil<std::chrono::microseconds>(steady_clock::now() - began);
    if (!report) return tell_failure(report.error());
    bool was_asked_for = false;
    {
        const std::lock_guard lock(mutex_);
        ++status_.snapshots;
        status_.saved = report->time;
        status_.written += report->written;
        status_.forgotten += report->forgotten;
        if (report->written > 0) status_.took = took;
        was_asked_for = saves_at_once_;
    }
    if (was_asked_for) tell_made(*report, took);
    if (const auto failure = snapshots_.tidy()) return tell_failure(*failure);
    tell_success();
}

void Saver::tell_made(const Snapshots::Report& report, std::chrono::microseconds took) {
    const std::string what =
        std::to_string(report.written) + (report.written == 1 ? " entry" : " entries") +
        " written in " +
        std::to_string(std::chrono::ceil<std::chrono::milliseconds>(took).count()) + " ms";
    tell_({.severity = Severity::info,
           .name = "snapshot_made",
           .file = snapshots_.path(),
           .what = what});
}

void Saver::tell_success() {
    {
        const std::lock_guard lock(mutex_);
        if (!std::exchange(status_.failing, std::nullopt)) return;
    }
    tell_(
        {.severity = Severity::info, .name = "snapshots_succeed_again", .file = snapshots_.path()});
}

/// Once, until another cause comes up: it is tried again at each interval.
void Saver::tell_failure(const Failure& failure) {
    {
        const std::lock_guard lock(mutex_);
        if (status_.failing == failure.what) return;
        status_.failing = failure.what;
    }
    tell_({.severity = Severity::error,
           .name = "snapshot_failed",
           .file = snapshots_.path(),
           .why = failure.what,
           .what = "serving goes on; trying again at each interval"});
}

}  // namespace clacks::persistence
