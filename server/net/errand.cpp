#include "server/net/errand.hpp"

#include <semaphore.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <ctime>
#include <exception>
#include <memory>

#include "server/net/worker.hpp"

namespace clacks::net {
namespace {

/// Some turns of a busy worker: after that it has ended, or is in the middle of something long.
constexpr std::chrono::milliseconds patience{20};

/// Both may hold it: whoever takes it first does the step. Nobody is kept waiting by a lock that
/// somebody of lower priority holds.
class Errand {
public:
    explicit Errand(const std::function<void()>& step) : step_(step) { ::sem_init(&done_, 0, 0); }
    ~Errand() { ::sem_destroy(&done_); }
    Errand(const Errand&) = delete;
    Errand& operator=(const Errand&) = delete;

    bool take() { return !taken_.exchange(true); }
    /// By the worker, who has taken it.
    void perform() {
        try {
            step_();
        } catch (...) {
            problem_ = std::current_exception();
        }
        ::sem_post(&done_);
    }
    bool wait_for_patience() {
        timespec until{};
        ::clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += std::chrono::nanoseconds(patience).count();
        constexpr long second = 1'000'000'000;
        until.tv_sec += until.tv_nsec / second;
        until.tv_nsec %= second;
        int result = 0;
        do result = ::sem_clockwait(&done_, CLOCK_MONOTONIC, &until);
        while (result != 0 && errno == EINTR);
        return result == 0;
    }
    void wait() {
        while (::sem_wait(&done_) != 0) continue;
    }
    void rethrow() const {
        if (problem_) std::rethrow_exception(problem_);
    }

private:
    const std::function<void()>& step_;
    std::atomic<bool> taken_{false};
    std::exception_ptr problem_;
    sem_t done_{};
};

}  // namespace

void do_between_turns(Worker& worker, const std::function<void()>& step) {
    const auto errand = std::make_shared<Errand>(step);
    worker.post([errand] {
        if (errand->take()) errand->perform();
    });
    if (!errand->wait_for_patience()) {
        if (errand->take()) return step();
        errand->wait();
    }
    errand->rethrow();
}

}  // namespace clacks::net
