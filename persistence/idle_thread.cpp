#include "persistence/idle_thread.hpp"

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace clacks::persistence {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::steady_clock;

/// That this thread has had, of a processor.
nanoseconds processor_time() {
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return std::chrono::seconds(time.tv_sec) + nanoseconds(time.tv_nsec);
}

}  // namespace

IdleThread::Bell::Bell() : descriptor_(::eventfd(0, EFD_CLOEXEC)) {
    if (descriptor_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

IdleThread::Bell::~Bell() { ::close(descriptor_); }

void IdleThread::Bell::ring() const { ::eventfd_write(descriptor_, 1); }

bool IdleThread::Bell::wait(milliseconds time) const {
    pollfd rings{.fd = descriptor_, .events = POLLIN, .revents = 0};
    if (::poll(&rings, 1, static_cast<int>(time.count())) <= 0) return false;
    eventfd_t number = 0;
    return ::eventfd_read(descriptor_, &number) == 0;
}

IdleThread::IdleThread(Priority priority) : thread_([this, priority] { serve(priority); }) {}

IdleThread::~IdleThread() {
    stopping_ = true;
    offered_.ring();
    thread_.join();
}

std::optional<nanoseconds> IdleThread::try_out(const std::function<bool()>& goes_on) {
    is_on_trial_ = is_on_trial_ && !is_done(milliseconds::zero());
    if (!is_on_trial_) {
        trial_began_ = steady_clock::now();
        offer(no_use_);
    }
    is_on_trial_ = true;
    while (!is_done(pause)) {
        if (!goes_on()) return std::nullopt;
    }
    is_on_trial_ = false;
    return steady_clock::now() - trial_began_;
}

void IdleThread::run(const std::function<void()>& task, const std::function<bool()>& goes_on) {
    offer(task);
    while (!is_done(pause)) {
        auto offered = State::offered;
        if (!goes_on() && state_.compare_exchange_strong(offered, State::none)) return;
    }
}

void IdleThread::offer(const std::function<void()>& task) {
    task_ = &task;
    state_ = State::offered;
    offered_.ring();
}

bool IdleThread::is_done(milliseconds time) const {
    // The second always holds; to look makes plain what the bell orders.
    return done_.wait(time) && state_ == State::none;
}

void IdleThread::serve(Priority priority) {
    ::pthread_setname_np(::pthread_self(), "idle saver");
    // Linux has it for each thread, and needs no right for this direction; there is no way back. If
    // it is refused, the thread is as all others.
    const sched_param none{};
    if (priority == Priority::lowest) ::sched_setscheduler(0, SCHED_IDLE, &none);
    constexpr milliseconds forever{-1};
    while (!stopping_) {
        offered_.wait(forever);
        auto offered = State::offered;
        if (!state_.compare_exchange_strong(offered, State::taken)) continue;
        (*task_)();
        state_ = State::none;
        done_.ring();
    }
}

void IdleThread::work_of_no_use() const {
    const auto end = processor_time() + trial;
    while (processor_time() < end && !stopping_) {
    }
}

}  // namespace clacks::persistence
