#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace clacks::bench {

using std::chrono::nanoseconds;

/// A child process, stopped by its id at the end of its life, or when this process dies.
class Process {
public:
    /// Starts a program, found as the shell finds it; what it prints goes to the file `log`.
    Process(const std::vector<std::string>& command, const std::string& log);
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;
    /// Asks it to end, waits some seconds, then insists.
    ~Process();

    bool running();
    /// Processor time of all its threads so far, in user and kernel mode.
    nanoseconds cpu() const;
    std::size_t resident_bytes() const;
    /// Its threads with a name that contains `part`.
    std::vector<pid_t> threads_named(const std::string& part) const;

private:
    bool wait_until_ended(nanoseconds patience);

    pid_t pid_;
};

}  // namespace clacks::bench
