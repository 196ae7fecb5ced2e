#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

#include "protocol/time.hpp"

namespace clacks::net {

/// Whether a turn that is about to write little to many had better wait for more.
///
/// Each session that is written to costs a system call, however few bytes it gets: several times
/// what the bytes cost. When turns follow each other closely, a moment's wait joins many of them.
/// But a wait costs more than one write itself, and where a sender waits for what it sent to
/// arrive, nothing comes meanwhile. So waiting is tried, and goes on only while it pays: after one
/// that has joined too little, the next is tried ever later. After silence nothing waits.
///
/// Pure; one a worker.
class Gathering {
public:
    using Microseconds = std::chrono::microseconds;

    /// `longest`: no wait lasts longer; zero turns it off.
    explicit Gathering(Microseconds longest) : longest_(longest) {}

    /// How long to wait before `bytes` in all go to `sessions`; zero: write now. After a wait,
    /// gathered() must follow.
    Microseconds wait(MonoTime now, std::size_t sessions, std::size_t bytes) {
        if (sessions < many_sessions) return {};
        const auto since = std::chrono::ceil<Microseconds>(now - spread_);
        spread_ = now;
        if (since >= longest_ || bytes >= sessions * few_bytes) return {};
        if (turns_to_skip_ > 0) {
            --turns_to_skip_;
            return {};
        }
        bytes_before_ = bytes;
        return longest_ - since;
    }

    /// After the wait `bytes` are about to be written.
    void gathered(MonoTime now, std::size_t bytes) {
        spread_ = now;
        const bool paid = bytes >= bytes_before_ * worth;
        pause_ = paid ? shortest_pause : std::min(2 * pause_, longest_pause);
        if (!paid) turns_to_skip_ = pause_;
    }

private:
    static constexpr std::size_t many_sessions = 4;
    /// From so many for each session on, the bytes cost more than the system call.
    static constexpr std::size_t few_bytes = 4096;
    /// So many times the bytes pay for a wait: going to sleep and waking costs as much as some
    /// four writes (measured: 6 us against 1.5).
    static constexpr std::size_t worth = 4;
    /// How many turns after a wait in vain the next is tried.
    static constexpr unsigned shortest_pause = 8;
    static constexpr unsigned longest_pause = 1024;

    const Microseconds longest_;
    MonoTime spread_{};  ///< when it was last written to many
    std::size_t bytes_before_ = 0;
    unsigned pause_ = shortest_pause;
    unsigned turns_to_skip_ = 0;
};

}  // namespace clacks::net
