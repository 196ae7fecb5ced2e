#include "server/net/errand.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <ctime>
#include <system_error>
#include <utility>

namespace clacks::net {
namespace {

/// Some turns of a busy worker: after that it has ended, or is in the middle of something long.
constexpr std::chrono::milliseconds patience{20};

/// For so many times as long as its steps take a worker does other things between them.
constexpr int others_share = 8;
constexpr std::chrono::microseconds most{200};

int make_bell() {
    const int descriptor = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (descriptor < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
    return descriptor;
}

}  // namespace

Errand::Errand(boost::asio::io_context& context) : bell_(context, make_bell()) {
    ::sem_init(&done_, 0, 0);
    wait();
}

Errand::~Errand() { ::sem_destroy(&done_); }

bool Errand::run(const std::function<bool()>& step) {
    step_ = &step;
    unsigned seen = steps_;
    state_ = State::offered;
    ::eventfd_write(bell_.native_handle(), 1);
    while (!is_done_soon()) {
        if (const unsigned steps = steps_; std::exchange(seen, steps) != steps) continue;
        // One that has been taken will soon have been done.
        auto offered = State::offered;
        if (state_.compare_exchange_strong(offered, State::none)) return false;
    }
    if (problem_) std::rethrow_exception(std::exchange(problem_, nullptr));
    return true;
}

bool Errand::is_done_soon() {
    constexpr long second = 1'000'000'000;
    timespec until{};
    ::clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += std::chrono::nanoseconds(patience).count();
    until.tv_sec += until.tv_nsec / second;
    until.tv_nsec %= second;
    int result = 0;
    do result = ::sem_clockwait(&done_, CLOCK_MONOTONIC, &until);
    while (result != 0 && errno == EINTR);
    // It always is; to look makes plain what the semaphore orders, also to GCC 12's thread
    // sanitizer, which does not know sem_clockwait().
    return result == 0 && state_ == State::none;
}

void Errand::wait() {
    bell_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                     [this](boost::system::error_code error) {
                         if (error) return;
                         eventfd_t rings = 0;
                         ::eventfd_read(bell_.native_handle(), &rings);
                         wait();
                     });
}

bool Errand::go_on() {
    auto offered = State::offered;
    if (state_ != offered || !state_.compare_exchange_strong(offered, State::taken)) return false;
    using Clock = std::chrono::steady_clock;
    const auto begun = Clock::now();
    const auto until = begun + std::min<Clock::duration>((begun - went_on_) / others_share, most);
    bool more = false;
    try {
        do more = (*step_)();
        while (more && Clock::now() < until);
    } catch (...) {
        more = false;
        problem_ = std::current_exception();
    }
    went_on_ = Clock::now();
    ++steps_;
    state_ = more ? State::offered : State::none;
    if (!more) ::sem_post(&done_);
    return more;
}

}  // namespace clacks::net
