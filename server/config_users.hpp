#pragma once

#include <vector>

#include "server/config_section.hpp"
#include "server/net/settings.hpp"

// Who may log in, and what as: the users of a configuration.
namespace clacks::server {

/// The users under `users`, each name once, the first with all permissions. A user may be known by
/// a certificate if `client_certificates` lets anybody show one.
void read_users(Document& document, const Section& top, net::ClientCertificates client_certificates,
                std::vector<node::User>& users);

}  // namespace clacks::server
