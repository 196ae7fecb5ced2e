#pragma once

#include <atomic>
#include <exception>
#include <functional>
#include <stop_token>
#include <thread>
#include <utility>

namespace clacks::bench {

/// Does something again and again on a thread of its own, until it is stopped or destroyed.
class Background {
public:
    explicit Background(std::function<void()> turn)
        : thread_([this, turn = std::move(turn)](const std::stop_token& stopped) {
              try {
                  while (!stopped.stop_requested()) turn();
              } catch (...) {
                  failure_ = std::current_exception();
              }
              ended_ = true;
          }) {}

    /// By stop(), or by an error of its own.
    bool ended() const { return ended_; }

    /// Returns when the turn it is at has ended. Throws what has ended it before.
    void stop() {
        thread_.request_stop();
        if (thread_.joinable()) thread_.join();
        if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
    }

private:
    std::exception_ptr failure_;
    std::atomic<bool> ended_{false};
    std::jthread thread_;
};

}  // namespace clacks::bench
