#pragma once

#include <sys/types.h>
#include <chrono>

#include <condition_variable>
#include <cstddef>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace clacks::test {

/// Added to the environment of a child, which gets none of the CLACKS_ variables of this process.
using Environment = std::map<std::string, std::string>;

/// A child process. What it writes is collected as it comes, on a thread of its own.
class Process {
public:
    /// Starts the program at the path `command.front()`; its standard input is `input`.
    explicit Process(const std::vector<std::string>& command, const Environment& environment = {},
                     std::string_view input = {});
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;
    /// Kills it if it still runs.
    ~Process();

    void signal(int number) const;
    pid_t pid() const { return pid_; }  ///< until wait() returned

    /// Waits for its end: the exit code, or 128 and the signal that killed it. Throws if it runs
    /// on.
    int wait();
    std::size_t resident_bytes() const;
    /// Of the processors, so far.
    std::chrono::milliseconds processor_time() const;
    bool running() const { return pid_ > 0; }  ///< until wait() returned

    /// Waits until `text` stands `count` times in what it wrote to standard error. Throws with all
    /// that stands there if it ends before, or after a while.
    void wait_for(std::string_view text, int count = 1) const;

    std::string output() const;  ///< standard output so far
    std::string errors() const;  ///< standard error so far

private:
    void collect(int output, int errors);

    pid_t pid_ = 0;
    int pid_descriptor_ = -1;
    mutable std::mutex mutex_;
    mutable std::condition_variable more_;
    std::string output_;
    std::string errors_;
    bool complete_ = false;  ///< it has closed both
    std::thread collector_;
};

/// How a program ended and what it wrote.
struct Run {
    int code;
    std::string output;
    std::string errors;
};

/// Runs a program to its end.
Run run(const std::vector<std::string>& command, const Environment& environment = {},
        std::string_view input = {});

/// How often `text` stands in `all`.
int count_of(std::string_view text, std::string_view all);

}  // namespace clacks::test
