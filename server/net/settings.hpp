#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "transport/settings.hpp"

// What the part with the sockets is told at its start. Defaults are the ones of
// configs/reference.yaml.
namespace clacks::net {

using std::chrono::milliseconds;

/// One master: where it is and as whom to log in there.
struct MasterSettings {
    transport::Address address;
    std::string user;  ///< both empty: the node's own identity
    std::string password;
    bool operator==(const MasterSettings&) const = default;
};

struct LinkSettings {
    bool verify_peer = true;
    milliseconds reconnect_delay = std::chrono::seconds(1);
    milliseconds reconnect_delay_max = std::chrono::seconds(30);
};

struct Settings {
    std::vector<transport::Address> listen;
    transport::TlsSettings tls;
    std::vector<MasterSettings> masters;
    LinkSettings links;
    unsigned threads = 0;  ///< 0: one per core
    /// How long a busy worker may wait to write more at once to many; 0: never.
    std::chrono::microseconds gather{100};
};

}  // namespace clacks::net
