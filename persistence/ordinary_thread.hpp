#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace clacks::persistence {

/// A thread of the priority with which it was made. What holds a lock of the store is done here: a
/// thread that has stepped back behind all others could be interrupted for long while it has that
/// lock, and those others would wait for it.
class OrdinaryThread {
public:
    OrdinaryThread();
    ~OrdinaryThread();
    OrdinaryThread(const OrdinaryThread&) = delete;
    OrdinaryThread& operator=(const OrdinaryThread&) = delete;

    /// Returns when `task`, which does not throw, has been done. Called by one thread at a time.
    void run(const std::function<void()>& task);

private:
    void serve();

    std::mutex mutex_;
    std::condition_variable changed_;
    const std::function<void()>* task_ = nullptr;  ///< what is to be done, until it is
    bool stopping_ = false;
    std::thread thread_;
};

/// From now on this thread runs when others leave it the time.
void step_back();

}  // namespace clacks::persistence
