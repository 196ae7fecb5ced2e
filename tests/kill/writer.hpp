#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "tests/kill/victim.hpp"

namespace clacks::kill {

using Clock = std::chrono::system_clock;

/// A client with keys of its own, which remembers all it writes there, and when it knew that each
/// write had been executed. So it can tell what a node that was killed may still have, and what it
/// must have.
class Writer {
public:
    Writer(std::string name, std::uint64_t seed);

    /// Writes as fast as the node takes it, until the node is gone.
    void write(const Victim& victim);

    /// Compares what the node has after a kill at `killed` with what was written. Throws
    /// std::runtime_error if it is something that never was, or if something is lost that the node
    /// had said was safe. Returns how old the oldest write was that is lost, if any. What was found
    /// is where the next write() goes on.
    std::optional<Clock::duration> check(test::LineClient client, Clock::time_point killed);

    std::uint64_t writes() const { return writes_; }
    /// The longest snapshot that the node has told of.
    std::chrono::microseconds longest_snapshot() const { return longest_snapshot_; }

private:
    /// What a key was made to hold.
    struct Version {
        std::optional<std::string> value;  ///< none: it was removed
        bool expires;
        Clock::time_point executed;  ///< at the latest; max: perhaps never
        bool operator==(const Version& other) const {
            return value == other.value && expires == other.expires;
        }
    };
    /// A key and what it may hold, the latest at the end.
    struct Key {
        std::string name;
        std::vector<Version> versions;
    };

    std::string next_batch();
    std::string change(Key& key);
    std::string some_value(const std::string& key);
    void ask_what_is_safe(test::LineClient& client);
    std::optional<Clock::time_point> first_lost(Key& key, const Version& found) const;

    std::mt19937_64 random_;
    std::vector<Key> keys_;      ///< the first one is a counter
    std::vector<Key*> pending_;  ///< the batch: whose latest versions are on their way
    std::uint64_t writes_ = 0;
    Clock::time_point safe_until_;
    std::chrono::microseconds longest_snapshot_{};
};

}  // namespace clacks::kill
