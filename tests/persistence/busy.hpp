#pragma once

#include <stop_token>
#include <thread>
#include <vector>

namespace clacks::persistence {

/// Threads that leave no processor any time, as long as it exists.
class Busy {
public:
    Busy() {
        for (unsigned i = 0; i < 2 * std::thread::hardware_concurrency(); ++i) {
            threads_.emplace_back([](const std::stop_token& stop) {
                while (!stop.stop_requested()) {
                }
            });
        }
    }

private:
    std::vector<std::jthread> threads_;
};

}  // namespace clacks::persistence
