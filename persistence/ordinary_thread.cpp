#include "persistence/ordinary_thread.hpp"

#include <sys/resource.h>
#include <unistd.h>

namespace clacks::persistence {

OrdinaryThread::OrdinaryThread() : thread_([this] { serve(); }) {}

OrdinaryThread::~OrdinaryThread() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void OrdinaryThread::run(const std::function<void()>& task) {
    std::unique_lock lock(mutex_);
    task_ = &task;
    changed_.notify_all();
    changed_.wait(lock, [this] { return task_ == nullptr; });
}

void OrdinaryThread::serve() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return task_ != nullptr || stopping_; });
        if (stopping_) return;
        (*task_)();
        task_ = nullptr;
        changed_.notify_all();
    }
}

// Linux knows it for each thread, and needs no right for this direction. There is no way back.
void step_back() {
    constexpr int last = 10;  // a tenth of what others get: enough to come to an end
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), last);
}

}  // namespace clacks::persistence
