#include "server/memcached/client_name.hpp"

#include "server/node/unix_host.hpp"

namespace clacks::server {

namespace {

constexpr std::string_view tcp_prefix = "tcp:";

}  // namespace

std::string client_name(const transport::Endpoint& from, const Doors::Door& door) {
    if (const auto* local = std::get_if<transport::UnixAddress>(&door.address.where)) {
        return "unix:" + local->path;
    }
    const bool is_v6 = from.host.find(':') != std::string::npos;
    return std::string(tcp_prefix) + (is_v6 ? "[" + from.host + "]" : from.host) + ":" + from.port;
}

std::string_view host_of(std::string_view client_name) {
    if (!client_name.starts_with(tcp_prefix)) return node::unix_host;
    client_name.remove_prefix(tcp_prefix.size());
    auto host = client_name.substr(0, client_name.rfind(':'));
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    return host;
}

}  // namespace clacks::server
