#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace clacks::persistence {

/// A thread that runs only while a processor has nothing else to do (SCHED_IDLE, sched(7)), so that
/// nobody waits for it; on a machine that is busy it hardly gets on. What holds a lock that others
/// want must not be done here.
class IdleThread {
public:
    IdleThread();
    ~IdleThread();
    IdleThread(const IdleThread&) = delete;
    IdleThread& operator=(const IdleThread&) = delete;

    /// Returns when `task`, which does not throw, has been done; until then it calls `look_after()`
    /// now and then, so that a task that does not get on can be told to end. Called by one thread
    /// at a time.
    void run(const std::function<void()>& task, const std::function<void()>& look_after);

    /// How often it calls look_after().
    static constexpr std::chrono::milliseconds pause{20};

private:
    void serve();

    std::mutex mutex_;
    std::condition_variable changed_;
    const std::function<void()>* task_ = nullptr;  ///< what is to be done, until it is
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace clacks::persistence
