#pragma once

#include <array>
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

    /// Watches no longer. Throws a Violation if what it has been shown, and told that it missed, is
    /// not so many lines. Returns the share of them that it was shown.
    double end(std::uint64_t lines);

private:
    void read();
    void count();

    Connection connection_;
    Poller poller_;
    std::uint64_t shown_ = 0;
    std::uint64_t missed_ = 0;
    bool ended_ = false;
    std::optional<Background> reading_;  ///< until end()
};

/// What the same stores and retrieves cost with nobody watching, with a monitor of everything, with
/// one whose conditions all of them meet, and with one whose conditions none of them meets; on one
/// server, in short turns.
struct Watched {
    std::array<Measurement, 4> costs;
    double shown;  ///< of all lines, to the monitor of everything
};
Watched watch_store(const Target& target, unsigned connections, unsigned depth,
                    nanoseconds duration);

}  // namespace clacks::bench
