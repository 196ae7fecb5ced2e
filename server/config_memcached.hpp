#pragma once

#include "server/config_addresses.hpp"

// How memcached's clients are served: the section `memcached` of a configuration.
namespace clacks::server {

/// Takes `listen`, `tls` and `limits` of the rest of the configuration as they are. Returns whether
/// it has an address, be it a wrong one.
bool read_memcached(Document& document, const Section& top, const std::vector<Listener>& listeners,
                    Config& config);

/// A client can show a certificate at one of the addresses.
bool asks_for_certificates(const MemcachedSettings& settings);

/// Whoever comes to an address must be able to get in. After the users have been read.
void check_memcached_logins(Document& document, const Config& config);

}  // namespace clacks::server
