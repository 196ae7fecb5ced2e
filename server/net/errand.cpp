#include "server/net/errand.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <ctime>
#include <system_error>
#include <utility>

namespace clacks::net {
namespace {

/// Some turns of a busy worker: after that it has ended, or is in the middle of something long.
constexpr std::chrono::milliseconds patience{20};

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

bool Errand::run(const std::function<void()>& step) {
    step_ = &step;
    state_ = State::offered;
    ::eventfd_write(bell_.native_handle(), 1);
    if (!is_done_soon()) {
        auto offered = State::offered;
        if (state_.compare_exchange_strong(offered, State::none)) return false;
        while (::sem_wait(&done_) != 0) continue;
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
    return result == 0;
}

void Errand::wait() {
    bell_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                     [this](boost::system::error_code error) {
                         if (error) return;
                         eventfd_t rings = 0;
                         ::eventfd_read(bell_.native_handle(), &rings);
                         take();
                         wait();
                     });
}

/// On the worker.
void Errand::take() {
    auto offered = State::offered;
    if (!state_.compare_exchange_strong(offered, State::taken)) return;
    try {
        (*step_)();
    } catch (...) {
        problem_ = std::current_exception();
    }
    state_ = State::none;
    ::sem_post(&done_);
}

}  // namespace clacks::net
