#include "server/node/peer.hpp"

#include <utility>

namespace clacks::node {

Peer::Peer(std::string host_name, std::string port_text, std::uint64_t serial_number)
    : host(std::move(host_name)),
      port(std::move(port_text) + ":" + std::to_string(serial_number)),
      id(host + ":" + port),
      serial(serial_number) {}

}  // namespace clacks::node
