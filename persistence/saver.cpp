#include "persistence/saver.hpp"

#include <pthread.h>

#include <algorithm>
#include <utility>

namespace clacks::persistence {

using std::chrono::steady_clock;
using std::chrono::system_clock;

Saver::Saver(Snapshots snapshots, std::chrono::milliseconds interval, Tell tell,
             Snapshots::Copy copy, const std::string& unwritable, IdleThread::Priority priority)
    : idle_(priority),
      snapshots_(std::move(snapshots)),
      copy_(std::move(copy)),
      tell_(std::move(tell)),
      schedule_(interval, steady_clock::now()),
      status_{.failing = unwritable.empty() ? std::nullopt : std::optional(unwritable)},
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
    schedule_.set_interval(interval);
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
    const auto failing = status().failing;
    if (failing) tell_loss(*failing);
    return !failing;
}

Saver::Status Saver::status() const {
    const std::lock_guard lock(mutex_);
    return status_;
}

void Saver::run() {
    ::pthread_setname_np(::pthread_self(), "saver");
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        lock.unlock();
        const auto bytes = snapshots_.outstanding();
        lock.lock();
        if (stopping_) return;
        const auto now = steady_clock::now();
        const auto begin = schedule_.begin(bytes);
        if (!asked_ && now < begin) {
            wake_.wait_until(lock, schedule_.next_look(now, begin));
            continue;
        }
        saves_at_once_ = std::exchange(asked_, false);
        lock.unlock();
        save(false);
        lock.lock();
        saves_at_once_ = false;
    }
}

/// The time that others leave is not enough for it.
bool Saver::hurries() const {
    if (is_waited_for()) return true;
    const std::lock_guard lock(mutex_);
    const auto now = steady_clock::now();
    const std::uint64_t expected = making_.expected;
    const std::uint64_t done = std::min<std::uint64_t>(making_.done, expected);
    return schedule_.hurries(now, expected - done, longest_step(now));
}

/// Of the idle thread, with the one that it is at, or is to begin with.
steady_clock::duration Saver::longest_step(steady_clock::time_point now) const {
    const steady_clock::duration longest = making_.longest_step;
    return making_.is_waiting ? std::max(longest, now - making_.step_began.load()) : longest;
}

/// Whether others leave any time is found out before the idle thread is given a part of the
/// transaction, in the middle of which it could stand still.
bool Saver::gets_on() {
    if (std::exchange(making_.is_tried, true)) return true;
    making_.longest_step = IdleThread::trial + IdleThread::pause;
    if (hurries()) return false;  // there is no time to find out
    making_.step_began = steady_clock::now();
    making_.is_waiting = true;
    const auto took = idle_.try_out([this] {
        look_whether_late();
        return !hurries();
    });
    making_.is_waiting = false;
    making_.gets_nothing = !took;
    making_.longest_step = took.value_or(std::chrono::nanoseconds::zero());
    return took && !hurries();
}

/// Others go first, as long as the snapshot gets on well enough to be done in time.
void Saver::perform(const Snapshots::Piece& piece, std::uint64_t done, std::uint64_t expected) {
    const auto note = [this](std::uint64_t done_now, std::uint64_t expected_now) {
        making_.done = done_now;
        making_.expected = expected_now;
    };
    note(done, expected);
    look_whether_late();
    making_.hurries = making_.hurries || hurries() || !gets_on();
    if (making_.hurries) {
        return piece([&](std::uint64_t done_now, std::uint64_t expected_now) {
            note(done_now, expected_now);
            look_whether_late();
            return true;
        });
    }
    if (making_.is_alone.exchange(false)) return piece([](auto, auto) { return false; });
    making_.hand_back = false;
    const auto goes_on = [&](std::uint64_t done_now, std::uint64_t expected_now) {
        note(done_now, expected_now);
        const auto now = steady_clock::now();
        making_.longest_step = longest_step(now);
        making_.step_began = now;
        return !making_.hand_back;
    };
    // It may be a while until the idle thread begins.
    making_.step_began = steady_clock::now();
    making_.is_waiting = true;
    const auto task = [&] {
        making_.is_idle = true;
        piece(goes_on);
        making_.is_idle = false;
    };
    idle_.run(task, [this] {
        look_whether_late();
        if (!hurries()) return true;
        making_.hurries = true;
        making_.hand_back = true;
        return false;
    });
    making_.is_waiting = false;
}

/// By the idle thread: by somebody else, and if nobody comes, a step by our thread.
bool Saver::copy(const std::function<bool()>& step) {
    if (!making_.is_idle) return Snapshots::copy_here(step);
    if (copy_([&] { return step() && !making_.hand_back; })) return true;
    making_.is_alone = true;
    making_.hand_back = true;
    return false;
}

void Saver::save(bool ended) {
    const auto began = steady_clock::now();
    making_.is_alone = false;
    making_.hurries = false;
    making_.is_late = false;
    making_.is_tried = false;
    making_.gets_nothing = false;
    making_.longest_step = steady_clock::duration::zero();
    making_.expected = 0;
    const auto report = snapshots_.save(
        ended, system_clock::now(),
        [this](const Snapshots::Piece& piece, std::uint64_t done, std::uint64_t expected) {
            perform(piece, done, expected);
        },
        [this](const std::function<bool()>& step) { return copy(step); });
    std::optional<Failure> failure;
    if (report) {
        succeeded(*report, began);
        if (!untidy_) tell_success();
        failure = tidy();
        untidy_ = failure.has_value();
    } else {
        failure = report.error();
        const std::lock_guard lock(mutex_);
        schedule_.failed(began);
    }
    if (failure) return tell_failure(*failure);
    tell_success();
}

/// In the time that others leave, too, if half of that before the next one is enough, and a step is
/// not too large a part of it.
std::optional<Failure> Saver::tidy() {
    using namespace std::chrono_literals;
    // Megabytes that are removed at the usual priority, in a millisecond each, and that long.
    constexpr unsigned few = 32;
    constexpr unsigned some = 512;
    constexpr steady_clock::duration at_least = 32ms;
    constexpr int steps_at_least = 16;
    if (!snapshots_.wants_tidying()) return std::nullopt;
    const auto end = steady_clock::now() + time_to_next() / 2;
    const auto is_over = [&] { return is_waited_for() || steady_clock::now() > end; };
    const auto is_enough = [&](steady_clock::duration step) {
        return !is_over() && steps_at_least * step < end - steady_clock::now();
    };
    const auto step =
        is_enough(IdleThread::trial) ? idle_.try_out([&] { return !is_over(); }) : std::nullopt;
    if (step && is_enough(*step)) {
        std::optional<Failure> failure;
        idle_.run([&] { failure = snapshots_.tidy(); },
                  [&] {
                      if (!is_over()) return true;
                      snapshots_.interrupt();
                      return false;
                  });
        if (failure || !snapshots_.wants_tidying()) return failure;
    }
    const bool is_urgent = is_waited_for();
    unsigned left = is_urgent ? few : some;
    const auto last = std::max(end, steady_clock::now() + at_least);
    return snapshots_.tidy([&] { return left-- > 0 && (is_urgent || steady_clock::now() < last); });
}

steady_clock::duration Saver::time_to_next() const {
    const std::lock_guard lock(mutex_);
    return schedule_.begin(0) - steady_clock::now();
}

/// Somebody wants the snapshot that is being made, or the next, at once.
bool Saver::is_waited_for() const {
    const std::lock_guard lock(mutex_);
    return stopping_ || asked_ || saves_at_once_;
}

void Saver::succeeded(const Snapshots::Report& report, steady_clock::time_point began) {
    const auto now = steady_clock::now();
    const auto took = std::chrono::ceil<std::chrono::microseconds>(now - began);
    bool was_asked_for = false;
    look_whether_late();
    {
        const std::lock_guard lock(mutex_);
        // What somebody waits for is done at once. And that nothing delays the idle thread is not
        // said where it does nothing, because it gets no time.
        const bool learns = report.written > 0 && !saves_at_once_ && !making_.gets_nothing;
        schedule_.succeeded(began, now, learns);
        ++status_.snapshots;
        status_.saved = report.time;
        status_.written += report.written;
        status_.forgotten += report.forgotten;
        if (report.written > 0) status_.took = took;
        was_asked_for = saves_at_once_;
    }
    if (was_asked_for) tell_made(report, took);
}

/// As soon as a step has ended, not when the snapshot is done: that may take a while yet.
void Saver::look_whether_late() {
    const auto now = steady_clock::now();
    {
        const std::lock_guard lock(mutex_);
        const bool has_failed = status_.failing && !untidy_;  // that was said
        if (making_.is_late || making_.expected == 0 || has_failed || !schedule_.is_late(now))
            return;
        making_.is_late = true;
        ++status_.late;
    }
    tell_late(now);
}

/// Once a minute at most: it may happen again and again.
void Saver::tell_late(steady_clock::time_point now) {
    constexpr std::chrono::minutes pause{1};
    if (late_told_ != steady_clock::time_point{} && now - late_told_ < pause) return;
    late_told_ = now;
    tell_({.severity = Severity::warning,
           .name = "snapshot_late",
           .file = snapshots_.path(),
           .what =
               "not done within persistence.interval after the last one began, so a crash would "
               "lose more than that; are the machine or the disk too busy for what changes?"});
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
        ++status_.failed;
        if (std::exchange(status_.failing, failure.what) == failure.what) return;
        if (stopping_) return;  // tell_loss() will, if it is not better by then
    }
    tell_({.severity = Severity::error,
           .name = "snapshot_failed",
           .file = snapshots_.path(),
           .why = failure.what,
           .what = "serving goes on; trying again at each interval"});
}

/// Not once only: what was said hours ago does not tell that this end loses anything.
void Saver::tell_loss(const std::string& why) {
    tell_({.severity = Severity::error,
           .name = "store_not_saved",
           .file = snapshots_.path(),
           .why = why,
           .what = "the node ends, and what has changed since the last snapshot is lost"});
}

}  // namespace clacks::persistence
