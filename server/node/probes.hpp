#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cache/hash.hpp"
#include "protocol/time.hpp"

namespace clacks::node {

/// The probes by which a node finds a ring that runs through plain nodes, which tell no path: what
/// it sends over one link must not come back over another. Each has a word that nobody can guess,
/// good once and for a while, so that whoever makes up a probe cuts no link with it. Safe from any
/// thread; off the way of messages. Source: protocol.txt, "Between our nodes".
class Probes {
public:
    /// A probe waits behind the store that was sent before it.
    static constexpr std::chrono::seconds valid_for{30};

    /// The words follow from `secret`, which only this process knows.
    explicit Probes(cache::HashKey secret) : secret_(secret) {}

    /// The word of a new probe over the link whose peer has this serial.
    std::string make(std::uint64_t link, MonoTime now);

    /// A probe with this word came over the link `back_over`: the link whose opening has closed a
    /// ring, if that proves one.
    std::optional<std::uint64_t> link_that_closed_ring(std::string_view word,
                                                       std::uint64_t back_over, MonoTime now);

private:
    struct Probe {
        std::string word;
        std::uint64_t link;
        MonoTime sent;
    };

    const cache::HashKey secret_;
    std::mutex mutex_;
    std::uint64_t made_ = 0;
    std::vector<Probe> probes_;  ///< on their way, the oldest first
};

}  // namespace clacks::node
