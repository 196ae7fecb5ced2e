#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace clacks::node {

/// What a monitor is not shown, until it has been told: more than a worker may show it
/// (LineBudget), and what finds too much waiting for it. That is a quarter of limits.output, and
/// after that an eighth: so it is never closed for what it is shown, has room for what else it
/// gets, and misses many lines in one place instead of some everywhere. Safe from any thread;
/// locked while something is on its way to the monitor, so that a notice stands where the lines are
/// missing. Source: protocol.txt, "MONITOR".
class MissedLines {
public:
    /// How much a monitor may get.
    struct Room {
        std::size_t limit;   ///< limits.output
        bool is_kept_clear;  ///< nothing as long as anything is waiting
    };

    /// Offers so many lines, behind a notice of what is missing before them; what is not taken is
    /// missing. `offer(std::string_view bytes, std::size_t most_waiting)`: Outbox::offer() to the
    /// monitor.
    template <class Offer>
    void show(std::string_view lines, std::uint64_t count, Room room, Offer&& offer) {
        const std::lock_guard lock(mutex_);
        const std::size_t most_waiting = room.is_kept_clear ? 0 : room.limit / (is_behind_ ? 8 : 4);
        // Where nothing is waiting all is taken: it must leave room for others all the same.
        bool taken = lines.size() <= room.limit / 2;
        if (taken) {
            taken = lines_ == 0 ? offer(lines, most_waiting)
                                : offer(notice().append(lines), most_waiting);
        }
        is_behind_ = !taken;
        lines_ = taken ? 0 : lines_ + count;
    }

    /// So many are missing behind what has been shown.
    void add(std::uint64_t lines) {
        const std::lock_guard lock(mutex_);
        lines_ += lines;
    }

    /// Offers the notice alone, if anything is missing. `most_waiting`, `offer`: as above.
    template <class Offer>
    void tell(std::size_t most_waiting, Offer&& offer) {
        const std::lock_guard lock(mutex_);
        if (lines_ > 0 && offer(notice(), most_waiting)) lines_ = 0;
    }

private:
    std::string notice() const { return "DEBUG MONITOR=MISSED=" + std::to_string(lines_) + "\r\n"; }

    std::mutex mutex_;
    std::uint64_t lines_ = 0;
    bool is_behind_ = false;
};

}  // namespace clacks::node
