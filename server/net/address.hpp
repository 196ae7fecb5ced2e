#pragma once

#include <sys/socket.h>

#include <string>
#include <vector>

#include "server/net/settings.hpp"

// From addresses as configured to what the system calls take, and back to words.
namespace clacks::net {

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
/// start-up only. Throws StartError.
std::vector<SocketAddress> resolve(const TlsAddress& address);

/// The address of a unix socket. Throws StartError when the path is longer than the system allows.
SocketAddress unix_address(const std::string& path);

}  // namespace clacks::net
