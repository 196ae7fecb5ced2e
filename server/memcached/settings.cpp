#include "server/memcached/settings.hpp"

namespace clacks::server {

std::string to_string(const MemcachedAddress& address) {
    if (const auto* tcp = std::get_if<TcpAddress>(&address.where)) {
        const std::string tls = net::to_string(net::TlsAddress{tcp->host, tcp->port});
        return "tcp" + tls.substr(tls.find(':'));
    }
    if (const auto* tls = std::get_if<net::TlsAddress>(&address.where)) {
        return net::to_string(*tls);
    }
    return net::to_string(std::get<net::UnixAddress>(address.where));
}

}  // namespace clacks::server
