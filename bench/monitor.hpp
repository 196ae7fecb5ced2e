#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string_view>

#include "bench/background.hpp"
#include "bench/measurement.hpp"
#include "bench/poller.hpp"
#include "bench/target.hpp"

namespace clacks::bench {

/// A client that watches a node and reads all it is shown, on a thread of its own. Clacks only.
class Monitor {
public:
    /// `conditions` stands behind MONITOR.
    Monitor(const Target& target, std::string_view conditions);

    /// Waits until it has been shown so many lines; throws a Violation if they do not come, or more
    /// do.
    void await_lines(std::uint64_t count);

private:
    void read();

    Connection connection_;
    Poller poller_;
    std::atomic<std::uint64_t> lines_{0};
    std::optional<Background> reading_;  ///< from when it watches
};

/// What the same stores and retrieves cost with nobody watching, with a monitor of everything, and
/// with a monitor whose conditions none of them meets; on one server, in short turns.
using Watched = std::array<Measurement, 3>;
Watched watch_store(const Target& target, unsigned connections, unsigned depth,
                    nanoseconds duration);

}  // namespace clacks::bench
