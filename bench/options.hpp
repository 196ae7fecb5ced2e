#pragma once

#include <string>
#include <vector>

#include "bench/process.hpp"

namespace clacks::bench {

/// What clacks-load is told on its command line.
struct Options {
    std::string directory;
    std::string clacksd = "clacksd";
    std::string redis = "redis-server";
    std::string memcached = "memcached";
    std::vector<unsigned> threads = {1, 0};
    std::vector<std::string> loads = {"fan-out", "store",  "latency", "idle",       "monitor",
                                      "keys",    "memory", "cache",   "persistence"};
    std::vector<std::string> operations = {"mixed"};
    unsigned rounds = 5;
    double seconds = 2;
    unsigned listeners = 10;
    unsigned window = 512;
    unsigned connections = 50;
    unsigned depth = 16;
    unsigned rate = 10'000;
    unsigned idle = 1'000;
    unsigned keys = 1'000'000;
    unsigned page = 1'000;
    unsigned entries = 1'000'000;
    bool bound = true;

    nanoseconds duration() const;

    /// Prints what is wrong, or the help, and ends the process with 2, or 0.
    static Options parse(int argc, char** argv);
};

}  // namespace clacks::bench
