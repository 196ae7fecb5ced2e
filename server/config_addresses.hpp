#pragma once

#include <vector>

#include "server/config_section.hpp"
#include "server/net/settings.hpp"

// The addresses of a configuration: where a node listens and who is above it.
namespace clacks::server {

/// An address and the line it stands in, for messages about it.
struct Listener {
    net::Address address;
    int line;
};

/// The addresses under `listen`, each once.
std::vector<Listener> read_listeners(Document& document, const Section& top);

/// The nodes under `master`, each once and none of them this node itself.
void read_masters(Document& document, const Section& top, const std::vector<Listener>& listeners,
                  std::vector<net::MasterSettings>& masters);

}  // namespace clacks::server
