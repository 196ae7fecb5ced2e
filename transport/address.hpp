#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <vector>

#include "transport/settings.hpp"

// From addresses as configured to what the system calls take, and back to words.
namespace clacks::transport {

/// A host and a port as words; a unix socket's peer is "unixdomainsocket" with no port.
struct Endpoint {
    std::string host;
    std::string port;
};

/// Who is at the other end of an accepted connection.
Endpoint describe(const sockaddr_storage& address);

/// A socket address with its real length.
struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t length = 0;
    const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
    int family() const { return storage.ss_family; }
};

/// Every address that `host` stands for, to listen on. Looks names up, which may take a while: for
/// start-up only. Throws StartError about `url`.
std::vector<SocketAddress> resolve(const std::string& host, std::uint16_t port,
                                   const std::string& url);

/// Of an IPv4 or IPv6 address.
std::uint16_t port_of(const SocketAddress& address);
void set_port(SocketAddress& address, std::uint16_t port);

/// Nobody reaches it from another machine.
bool is_loopback(const SocketAddress& address);

/// The address of a unix socket. Throws StartError when the path is longer than the system allows.
SocketAddress unix_address(const std::string& path);

}  // namespace clacks::transport
