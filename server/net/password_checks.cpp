#include "server/net/password_checks.hpp"

#include <chrono>
#include <exception>
#include <thread>
#include <utility>

namespace clacks::net {

PasswordChecks::PasswordChecks(PasswordCheck check)
    : check_(std::move(check)),
      thread_([this](const std::stop_token& stopping) { run(stopping); }) {}

bool PasswordChecks::add(Job job) {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= most_waiting) return false;
    waiting_.push_back(std::move(job));
    added_.notify_one();
    return true;
}

void PasswordChecks::stop() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
    waiting_.clear();
}

void PasswordChecks::run(const std::stop_token& stopping) {
    while (!stopping.stop_requested()) {
        std::unique_lock lock(mutex_);
        if (!added_.wait(lock, stopping, [this] { return !waiting_.empty(); })) return;
        const Job job = std::move(waiting_.front());
        waiting_.pop_front();
        lock.unlock();
        work(job);
    }
}

void PasswordChecks::work(const Job& job) const {
    std::optional<bool> fits;
    try {
        if (job.has_gone()) return;
        if (job.is_heard()) fits = check_(job.hash, job.given);
    } catch (const std::exception&) {
        // A lack of memory, most likely. Nobody gets in without having been verified, but nobody's
        // login is wrong for that either.
    }
    // Who waits for it is not served meanwhile, so it is tried again for a while.
    constexpr int most_tries = 20;
    for (int tries = 0; tries < most_tries; ++tries) {
        try {
            return job.answer(fits);
        } catch (const std::exception&) {
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
    }
}

}  // namespace clacks::net
