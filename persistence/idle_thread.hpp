#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <thread>

namespace clacks::persistence {

/// A thread that runs only while a processor has nothing else to do (SCHED_IDLE, sched(7)), so that
/// nobody waits for it; on a machine that is busy it hardly gets on, and may stand still anywhere
/// for seconds. What holds a lock that others want must not be done here.
class IdleThread {
public:
    enum class Priority : std::uint8_t { lowest, usual };
    /// `priority`: the usual one is that of other threads. Throws a std::system_error if the kernel
    /// has no descriptors left for it.
    explicit IdleThread(Priority priority = Priority::lowest);
    /// Waits until it has time to end.
    ~IdleThread();
    IdleThread(const IdleThread&) = delete;
    IdleThread& operator=(const IdleThread&) = delete;

    /// How long it takes for `trial` of processor time, in work of no use: as long as others keep
    /// it waiting. Nothing if `goes_on()`, which is called now and then, says no before: then it
    /// goes on with that, and the next call is about the same trial, if that has not ended before.
    /// Called by one thread at a time, as is run().
    std::optional<std::chrono::nanoseconds> try_out(const std::function<bool()>& goes_on);
    /// More than a tick of the kernel, for which a thread that has slept may run at once.
    static constexpr std::chrono::milliseconds trial{12};

    /// Does `task`, which does not throw, and returns when it has been done. Meanwhile it calls
    /// `goes_on()` now and then: if that says no, a task that has not been begun is not done, and
    /// one that has been is waited for, as before. Not to be called while it is on trial.
    void run(const std::function<void()>& task, const std::function<bool()>& goes_on);

    /// How often they call goes_on().
    static constexpr std::chrono::milliseconds pause{20};

private:
    /// By which one of two threads wakes the other: there is no lock that the one could hold when
    /// it stands still.
    class Bell {
    public:
        Bell();
        ~Bell();
        Bell(const Bell&) = delete;
        Bell& operator=(const Bell&) = delete;
        void ring() const;
        /// Whether it has been rung within that time. Negative: however long that takes.
        bool wait(std::chrono::milliseconds time) const;

    private:
        const int descriptor_;  ///< an eventfd
    };

    enum class State : std::uint8_t { none, offered, taken };
    void offer(const std::function<void()>& task);
    bool is_done(std::chrono::milliseconds time) const;
    void serve(Priority priority);
    void work_of_no_use() const;

    Bell offered_;
    Bell done_;
    std::atomic<State> state_{State::none};
    std::atomic<bool> stopping_{false};
    const std::function<void()>* task_ = nullptr;

    const std::function<void()> no_use_ = [this] { work_of_no_use(); };
    bool is_on_trial_ = false;
    std::chrono::steady_clock::time_point trial_began_{};

    std::thread thread_;
};

}  // namespace clacks::persistence
