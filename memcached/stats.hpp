#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "memcached/counters.hpp"
#include "memcached/expiry.hpp"

// The answers to `stats`, with the names that clients and exporters look for.
namespace clacks::memcached {

struct Settings;
class Host;

/// What the program knows of itself, for `stats`.
struct Totals {
    Counts counts{};
    std::uint64_t process = 0;  ///< its id
    WallTime started{};
    double user_seconds = 0;  ///< of processor time
    double system_seconds = 0;
    unsigned threads = 1;
    std::uint64_t connections = 0;
    std::uint64_t connections_ever = 0;
    std::uint64_t connections_rejected = 0;
    std::uint64_t most_connections = 0;
    std::uint64_t items = 0;
    std::uint64_t bytes = 0;  ///< that they take
    std::uint64_t most_bytes = 0;
    std::uint64_t evictions = 0;
    bool evicts = true;
    unsigned tcp_port = 0;  ///< of the first listener, if it has one
    std::string address{};  ///< it listens to, or the path of its unix socket
};

struct ConnectionInfo {
    std::uint64_t id = 0;
    std::string_view address{};  ///< "tcp:127.0.0.1:50000", "unix:/run/x"
    std::string_view listener{};
    std::string_view state{};  ///< in memcached's words: "conn_read"
    std::uint64_t idle_seconds = 0;
};

/// How far somebody has come who goes by all connections, some at a time, for there may be many.
/// Who stays is met, perhaps twice if others go meanwhile; who comes meanwhile may not be.
struct ConnectionTour {
    static constexpr std::size_t all = std::numeric_limits<std::size_t>::max();

    std::size_t server = 0;  ///< of several
    std::size_t left = all;  ///< of its connections
};

void append_connection(const ConnectionInfo& connection, std::string& out);

/// Appends the whole answer to `stats <arguments>`, which is not about connections.
void append_stats(std::string_view arguments, const Settings& settings, Host& host, WallTime now,
                  std::string& out);

}  // namespace clacks::memcached
