#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "persistence/idle_thread.hpp"
#include "persistence/schedule.hpp"
#include "persistence/snapshots.hpp"

namespace clacks::persistence {

/// Saves a store so often that nothing older than an interval is only in memory (Schedule), on a
/// thread of its own, in the time that others leave (IdleThread) unless that is too little. Safe
/// from any thread.
class Saver {
public:
    /// `copy`: how the store is copied in that time, by threads that others do not interrupt;
    /// called by a thread that nobody may let run, so it takes no lock and allocates nothing.
    /// `unwritable`: Restored::unwritable, which has been told.
    /// `priority`: of the thread that does it in the time that others leave.
    Saver(Snapshots snapshots, std::chrono::milliseconds interval, Tell tell,
          Snapshots::Copy copy = Snapshots::copy_here, const std::string& unwritable = {},
          IdleThread::Priority priority = IdleThread::Priority::lowest);
    /// Ends the thread without another snapshot, unless finish() has been called.
    ~Saver();
    Saver(const Saver&) = delete;
    Saver& operator=(const Saver&) = delete;

    /// Makes a snapshot as soon as possible.
    void save_now();
    void set_interval(std::chrono::milliseconds interval);
    /// The last snapshot, when nobody changes the store any more. Returns whether all is saved.
    bool finish();

    struct Status {
        std::uint64_t snapshots = 0;         ///< that succeeded
        cache::WallTime saved{};             ///< all that was before is in the file
        std::chrono::microseconds took{};    ///< the last one that wrote something
        std::uint64_t written = 0;           ///< entries, in all
        std::uint64_t forgotten = 0;         ///< entries, in all
        std::uint64_t failed = 0;            ///< snapshots, and what is done after them
        std::uint64_t late = 0;              ///< snapshots that were not done in time
        std::optional<std::string> failing;  ///< why the last one failed, or the first will
    };
    Status status() const;

private:
    void run();
    void save(bool ended);
    void perform(const Snapshots::Piece& piece, std::uint64_t done, std::uint64_t expected);
    bool copy(const std::function<bool()>& step);
    bool hurries() const;
    bool gets_on();
    std::chrono::steady_clock::duration longest_step(
        std::chrono::steady_clock::time_point now) const;
    bool is_waited_for() const;
    std::optional<Failure> tidy();
    std::chrono::steady_clock::duration time_to_next() const;
    void succeeded(const Snapshots::Report& report, std::chrono::steady_clock::time_point began);
    void look_whether_late();
    void tell_late(std::chrono::steady_clock::time_point now);
    void tell_success();
    void tell_made(const Snapshots::Report& report, std::chrono::microseconds took);
    void tell_failure(const Failure& failure);
    void tell_loss(const std::string& why);

    /// What is known of the snapshot that is being made. The idle thread takes no lock that others
    /// take, and allocates nothing.
    struct Making {
        bool hurries = false;                 ///< the idle thread has been too slow once
        bool is_late = false;                 ///< and counted as such
        bool is_tried = false;                ///< whether the idle thread gets on
        bool gets_nothing = false;            ///< it was tried, and has not got on
        std::atomic<bool> is_waiting{false};  ///< for the idle thread
        std::atomic<bool> is_idle{false};     ///< it is the idle thread that makes it
        std::atomic<bool> is_alone{false};    ///< nobody copies for the idle thread
        std::atomic<bool> hand_back{false};   ///< by the idle thread, after its next block
        std::atomic<std::uint64_t> done{0};
        std::atomic<std::uint64_t> expected{0};
        /// Of the idle thread, whose steps take as long as others keep it waiting; its trial is
        /// one.
        std::atomic<std::chrono::steady_clock::time_point> step_began{};
        std::atomic<std::chrono::steady_clock::duration> longest_step{};
    };

    IdleThread idle_;
    Making making_;
    Snapshots snapshots_;
    const Snapshots::Copy copy_;
    const Tell tell_;
    bool untidy_ = false;  ///< tidy() has failed last
    std::chrono::steady_clock::time_point late_told_{};

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    Schedule schedule_;
    bool asked_ = false;
    bool saves_at_once_ = false;  ///< the snapshot that is being made was asked for
    bool stopping_ = false;
    Status status_;

    std::thread thread_;
};

}  // namespace clacks::persistence
