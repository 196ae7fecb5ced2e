#include "transport/address.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <cstring>
#include <memory>

#include "transport/start_error.hpp"

namespace clacks::transport {

std::string to_string(const Address& address) {
    if (const auto* path = std::get_if<UnixAddress>(&address)) return "unix://" + path->path;
    const auto& tls = std::get<TlsAddress>(address);
    const bool brackets = tls.host.find(':') != std::string::npos;
    return "tls://" + (brackets ? "[" + tls.host + "]" : tls.host) + ":" + std::to_string(tls.port);
}

Endpoint describe(const sockaddr_storage& address) {
    char text[INET6_ADDRSTRLEN] = "";
    if (address.ss_family == AF_INET) {
        const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
        inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
        return {text, std::to_string(ntohs(v4.sin_port))};
    }
    if (address.ss_family == AF_INET6) {
        const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
        inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
        return {text, std::to_string(ntohs(v6.sin6_port))};
    }
    return {"unixdomainsocket", ""};
}

std::vector<SocketAddress> resolve(const std::string& host, std::uint16_t port,
                                   const std::string& url) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
    addrinfo* found = nullptr;
    const auto service = std::to_string(port);
    if (const int error = getaddrinfo(host.c_str(), service.c_str(), &hints, &found)) {
        throw StartError("cannot listen on " + url + ": " + gai_strerror(error));
    }
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, &freeaddrinfo);
    std::vector<SocketAddress> result;
    for (const addrinfo* each = found; each; each = each->ai_next) {
        auto& added = result.emplace_back();
        std::memcpy(&added.storage, each->ai_addr, each->ai_addrlen);
        added.length = each->ai_addrlen;
    }
    return result;
}

// Both families have the port at the same place.
std::uint16_t port_of(const SocketAddress& address) {
    return ntohs(reinterpret_cast<const sockaddr_in&>(address.storage).sin_port);
}

void set_port(SocketAddress& address, std::uint16_t port) {
    reinterpret_cast<sockaddr_in&>(address.storage).sin_port = htons(port);
}

bool is_loopback(const SocketAddress& address) {
    if (address.family() == AF_INET) {
        const auto& v4 = reinterpret_cast<const sockaddr_in&>(address.storage);
        return (ntohl(v4.sin_addr.s_addr) >> 24U) == IN_LOOPBACKNET;
    }
    if (address.family() != AF_INET6) return address.family() == AF_UNIX;
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address.storage).sin6_addr;
    if (IN6_IS_ADDR_V4MAPPED(&v6)) return v6.s6_addr[12] == IN_LOOPBACKNET;
    return IN6_IS_ADDR_LOOPBACK(&v6);
}

SocketAddress unix_address(const std::string& path) {
    SocketAddress result;
    auto& address = reinterpret_cast<sockaddr_un&>(result.storage);
    if (path.size() >= sizeof address.sun_path) {
        throw StartError("the path of the unix socket " + path + " is longer than " +
                         std::to_string(sizeof address.sun_path - 1) +
                         " bytes, the system's limit");
    }
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    result.length = sizeof address;
    return result;
}

}  // namespace clacks::transport
