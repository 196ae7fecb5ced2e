#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "protocol/name_pattern.hpp"
#include "server/net/settings.hpp"

// What the part that serves memcached's clients is told. Defaults are the ones of
// configs/reference.yaml.
namespace clacks::server {

/// `tcp://host:port`: plain text.
struct TcpAddress {
    std::string host;
    std::uint16_t port = 0;
    bool operator==(const TcpAddress&) const = default;
};

struct MemcachedAddress {
    std::variant<TcpAddress, transport::TlsAddress, transport::UnixAddress> where;
    /// Of tls://: in place of what tls.client_certificates says.
    transport::ClientCertificates client_certificates = transport::ClientCertificates::none;
    bool operator==(const MemcachedAddress&) const = default;
};

/// The address as a URL, for logs and messages.
std::string to_string(const MemcachedAddress& address);

struct MemcachedSettings {
    std::vector<MemcachedAddress> listen;
    std::size_t item_bytes = 1U << 20U;         ///< the largest value
    std::chrono::microseconds idle_timeout{0};  ///< 0: never
    bool flush_all = true;
    bool shutdown = false;
    std::string auth_file;  ///< absolute; empty: nobody has to log in
    std::vector<protocol::NamePattern> notify;
};

}  // namespace clacks::server
