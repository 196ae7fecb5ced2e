#pragma once

#include <optional>
#include <vector>

#include "server/config_section.hpp"
#include "server/net/settings.hpp"

// The addresses of a configuration: where a node listens and who is above it.
namespace clacks::server {

/// An address and the line it stands in, for messages about it.
struct Listener {
    transport::Address address;
    int line;
};

/// `client_certificates: none | request | require`.
void read_client_certificates(Section& section, transport::ClientCertificates& target);

/// One to listen on: a URL, {tls: …}, or {unix: …, mode, group}. With `client_certificates` the one
/// for TLS may say what it asks clients for.
std::optional<transport::Address> read_listener(
    Document& document, const Value& item,
    transport::ClientCertificates* client_certificates = nullptr);

/// The one at the same place as `address`, or null.
const Listener* find_place(const std::vector<Listener>& places, const transport::Address& address);

/// The addresses under `listen`, each once.
std::vector<Listener> read_listeners(Document& document, const Section& top);

/// The nodes under `master`, each once and none of them this node itself.
void read_masters(Document& document, const Section& top, const std::vector<Listener>& listeners,
                  std::vector<net::MasterSettings>& masters);

}  // namespace clacks::server
