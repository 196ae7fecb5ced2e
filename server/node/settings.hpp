#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "protocol/name_pattern.hpp"
#include "protocol/verb.hpp"

// What a node is told at its start: the part of the configuration that has no sockets in it.
// Defaults are the ones of configs/reference.yaml.
namespace clacks::node {

using std::chrono::milliseconds;

/// A set of permissions. Source: protocol.txt, "Permissions".
class Permissions {
public:
    constexpr Permissions() = default;
    static constexpr Permissions all() {
        Permissions p;
        p.bits_ = 0xff;
        return p;
    }
    constexpr void add(protocol::Permission permission) { bits_ |= bit(permission); }
    /// Permission::none is always allowed.
    constexpr bool allow(protocol::Permission permission) const {
        return permission == protocol::Permission::none || (bits_ & bit(permission)) != 0;
    }
    constexpr bool operator==(const Permissions&) const = default;

private:
    static constexpr std::uint8_t bit(protocol::Permission permission) {
        return static_cast<std::uint8_t>(1U << static_cast<unsigned>(permission));
    }
    std::uint8_t bits_ = 0;
};

/// Who may log in, and what as.
struct User {
    std::string name;
    /// In plain text, or as a hash that Outbox::check_password() understands.
    std::string password;
    bool hashed = false;  ///< the latter, so that checking it takes long
    /// The name in a client certificate that stands for the password; empty: none does.
    std::string certificate{};
    Permissions permissions;
    /// The names that may be read and written; none: all names.
    std::vector<protocol::NamePattern> read_names{};
    std::vector<protocol::NamePattern> write_names{};
};

struct Timeouts {
    milliseconds ping = std::chrono::seconds(180);           ///< client silent for so long: TIMEOUT
    milliseconds authentication = std::chrono::seconds(15);  ///< from connect to login
    milliseconds stalled_write = std::chrono::seconds(60);   ///< links: twice that
    milliseconds link_ping = std::chrono::seconds(60);       ///< interclacks.ping_timeout
    milliseconds keepalive = std::chrono::seconds(60);       ///< NOP after so long without output
};

struct Limits {
    std::size_t connections = 100'000;
    std::size_t unauthenticated = 10'000;  ///< of them, before they log in
    std::size_t line_bytes = 16U << 20U;
    std::size_t key_bytes = 1024;
    std::size_t output_bytes = 64U << 20U;
    std::size_t listens = 100'000;  ///< per connection
    /// Of lines that one worker shows one monitor in a second; not 0.
    std::size_t monitor_bytes = 8U << 20U;
};

/// How much the store may take, how long it remembers what nobody needs, and how often it looks.
struct CacheLimits {
    std::size_t memory = 64U << 20U;  ///< bytes, all overhead included
    bool evict = true;                ///< else what does not fit is refused
    milliseconds deleted = std::chrono::hours(1);
    milliseconds stale = std::chrono::hours(24);
    milliseconds cleanup = std::chrono::seconds(60);
};

struct Settings {
    std::string name;         ///< shown to others; default the host name
    std::vector<User> users;  ///< the first is the node's own identity and has all permissions
    /// If a user's password is hashed: a hash of the same cost that no password fits. Who is not
    /// known, or wrong about one in plain text, waits for it.
    std::string nobodys_password;
    Timeouts timeouts;
    Limits limits;
    CacheLimits cache;
};

}  // namespace clacks::node
