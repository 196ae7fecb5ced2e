#include "persistence/idle_thread.hpp"

#include <pthread.h>
#include <sched.h>

namespace clacks::persistence {

IdleThread::IdleThread() : thread_([this] { serve(); }) {}

IdleThread::~IdleThread() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void IdleThread::run(const std::function<void()>& task, const std::function<void()>& look_after) {
    std::unique_lock lock(mutex_);
    task_ = &task;
    changed_.notify_all();
    while (!changed_.wait_for(lock, pause, [this] { return task_ == nullptr; })) {
        lock.unlock();
        look_after();
        lock.lock();
    }
}

void IdleThread::serve() {
    ::pthread_setname_np(::pthread_self(), "idle saver");
    // Linux has it for each thread, and needs no right for this direction; there is no way back. If
    // it is refused, the thread is as all others.
    const sched_param none{};
    ::sched_setscheduler(0, SCHED_IDLE, &none);
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return task_ != nullptr || stopping_; });
        if (stopping_) return;
        const auto& task = *task_;
        lock.unlock();
        task();
        lock.lock();
        task_ = nullptr;
        changed_.notify_all();
    }
}

}  // namespace clacks::persistence
