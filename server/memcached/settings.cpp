#include "server/memcached/settings.hpp"

namespace clacks::server {

std::string to_string(const MemcachedAddress& address) {
    if (const auto* tcp = std::get_if<TcpAddress>(&address.where)) {
        const std::string tls = transport::to_string(transport::TlsAddress{tcp->host, tcp->port});
        return "tcp" + tls.substr(tls.find(':'));
    }
    if (const auto* tls = std::get_if<transport::TlsAddress>(&address.where)) {
        return transport::to_string(*tls);
    }
    return transport::to_string(std::get<transport::UnixAddress>(address.where));
}

}  // namespace clacks::server
