#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "memcached/stats.hpp"

namespace clacks::memcached {

/// What a session goes by. Must outlive it; may change between two calls of feed().
struct Settings {
    std::string version = "1.6.38";           ///< of memcached, whose behaviour we have
    std::size_t item_bytes = 1U << 20U;       ///< the largest value
    std::size_t output_bytes = 256U << 10U;   ///< so much unsent output, and commands wait
    std::size_t get_line_bytes = 1U << 20U;   ///< the longest line of get, gets, gat and gats
    std::size_t gathered_bytes = 64U << 20U;  ///< kept of values that are not there whole, but
                                              ///< one item always: see PartialValues
    unsigned keys_at_once = 4096;             ///< of a get; then others have their turn
    bool flush_all = true;
    bool shutdown = false;
    bool authentication = false;  ///< said by `stats settings`
    unsigned login_attempts = 3;  ///< as many wrong ones, and the connection ends
};

/// What a user may do. Keys are as the client says them; MappedKey knows their names.
class Rights {
public:
    virtual ~Rights() = default;
    virtual bool may_read(std::string_view key) const = 0;
    virtual bool may_write(std::string_view key) const = 0;
    /// flush_all, shutdown, cache_memlimit.
    virtual bool may_manage() const = 0;
};

/// Who tries to log in, and how.
struct LoginTry {
    std::string_view client;  ///< as `stats conns` shows it
    std::string_view name;
    std::string_view password;
};

/// What the program says to that. Without rights the client is not let in.
struct LoginAnswer {
    const Rights* rights = nullptr;  ///< they outlive the session
    bool not_looked_at = false;      ///< too many others from there have failed: not for now
};

/// The program around the sessions.
class Host {
public:
    virtual ~Host() = default;

    virtual LoginAnswer log_in(const LoginTry& login) = 0;
    /// What `stats` tells of.
    virtual Totals totals() const = 0;
    virtual void reset_stats() = 0;
    /// Tells of the next connections of the tour, some only. False: that was the last of all.
    virtual bool next_connections(
        ConnectionTour& tour, const std::function<void(const ConnectionInfo&)>& visit) const = 0;
    /// How much the store may take from now on. False: that is not to be changed.
    virtual bool set_memory_limit(std::uint64_t bytes) = 0;
};

/// Everybody may do everything.
const Rights& all_rights();

}  // namespace clacks::memcached
