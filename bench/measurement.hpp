#pragma once

#include <time.h>

#include <chrono>
#include <cstdint>
#include <stdexcept>

#include "bench/process.hpp"

namespace clacks::bench {

/// A reply or a delivery was wrong, lost, repeated or out of order. No number counts then.
struct Violation : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// What some operations cost.
struct Measurement {
    std::uint64_t operations;
    nanoseconds wall;
    nanoseconds server;  ///< processor time of the server
    nanoseconds load;    ///< processor time of this process

    Measurement& operator+=(const Measurement& more) {
        operations += more.operations;
        wall += more.wall;
        server += more.server;
        load += more.load;
        return *this;
    }

    double operations_per_second() const { return count(operations) / count(wall) * 1e9; }
    double server_ns_per_operation() const { return count(server) / count(operations); }
    double server_share() const { return count(server) / count(wall); }
    double load_share() const { return count(load) / count(wall); }

private:
    static double count(std::uint64_t number) { return static_cast<double>(number); }
    static double count(nanoseconds time) { return static_cast<double>(time.count()); }
};

/// Runs from its construction to stop(). Both ends should find the server idle, so that exactly the
/// work of the operations lies between them.
class Stopwatch {
public:
    explicit Stopwatch(const Process& server) : server_(server) {}

    Measurement stop(std::uint64_t operations) const {
        return {operations, std::chrono::steady_clock::now() - wall_, server_.cpu() - cpu_,
                own_cpu() - own_cpu_};
    }

private:
    static nanoseconds own_cpu() {
        timespec time{};
        ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
        return std::chrono::seconds(time.tv_sec) + nanoseconds(time.tv_nsec);
    }

    const Process& server_;
    std::chrono::steady_clock::time_point wall_ = std::chrono::steady_clock::now();
    nanoseconds cpu_ = server_.cpu();
    nanoseconds own_cpu_ = own_cpu();
};

}  // namespace clacks::bench
