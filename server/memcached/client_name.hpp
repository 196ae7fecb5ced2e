#pragma once

#include <string>
#include <string_view>

#include "server/memcached/doors.hpp"

namespace clacks::server {

/// A client as memcached shows it in `stats conns`: tcp:192.0.2.1:50000, tcp:[::1]:50000,
/// unix:/path.
std::string client_name(const transport::Endpoint& from, const Doors::Door& door);

/// Where the client of that name comes from, as node::LoginGuard wants to know it.
std::string_view host_of(std::string_view client_name);

}  // namespace clacks::server
