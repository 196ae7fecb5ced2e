#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

namespace clacks::net {

/// Whether `given` is the password that `hash` stands for. Must take a time that tells nothing of
/// where they differ. Called on one thread.
using PasswordCheck = std::function<bool(std::string_view hash, std::string_view given)>;

/// Verifies hashed passwords, one after the other, on a thread of its own: each takes some 40 ms,
/// in which a worker could serve thousands of lines.
class PasswordChecks {
public:
    /// Some ten seconds: more would have to wait for longer than a login may take, and be told
    /// TIMEOUT instead of when to come again.
    static constexpr std::size_t most_waiting = 256;

    /// All of it is used on the thread here, and destroyed there, or by stop().
    struct Job {
        std::string hash;
        std::string given;
        std::function<bool()> has_gone;                        ///< nobody wants an answer any more
        std::function<bool()> is_heard;                        ///< false: it need not be looked at
        std::function<void(std::optional<bool> fits)> answer;  ///< nothing: not found out
    };

    explicit PasswordChecks(PasswordCheck check);
    ~PasswordChecks() { stop(); }

    /// From any thread. False: too many are waiting, and the job is dropped.
    bool add(Job job);
    /// Ends the thread and drops what is waiting. Nothing may be added any more.
    void stop();

private:
    void run(const std::stop_token& stopping);
    void work(const Job& job) const;

    const PasswordCheck check_;
    std::mutex mutex_;
    std::condition_variable_any added_;
    std::deque<Job> waiting_;
    std::jthread thread_;  ///< the last: what it uses is there
};

}  // namespace clacks::net
