#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

// What the part with the sockets is told at its start. Defaults are the ones of
// configs/reference.yaml.
namespace clacks::net {

using std::chrono::milliseconds;

/// `tls://host:port`. The host is a name or an address; IPv6 stands in brackets in the URL and
/// without them here.
struct TlsAddress {
    std::string host;
    std::uint16_t port = 0;
    bool operator==(const TlsAddress&) const = default;
};

/// `unix:///path`. Mode and group matter for listening only.
struct UnixAddress {
    std::string path;
    unsigned mode = 0660;
    std::string group;  ///< empty: the process's own
    bool operator==(const UnixAddress&) const = default;
};

using Address = std::variant<TlsAddress, UnixAddress>;

/// The address as a URL, for logs and messages.
std::string to_string(const Address& address);

enum class ClientCertificates : std::uint8_t { none, request, require };
enum class TlsVersion : std::uint8_t { tls_1_2, tls_1_3 };

struct TlsSettings {
    std::string certificate;  ///< PEM files; absolute paths
    std::string key;
    std::string ca;  ///< empty: the system's
    ClientCertificates client_certificates = ClientCertificates::none;
    TlsVersion minimum_version = TlsVersion::tls_1_2;
};

/// One master: where it is and as whom to log in there.
struct MasterSettings {
    Address address;
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
    std::vector<Address> listen;
    TlsSettings tls;
    std::vector<MasterSettings> masters;
    LinkSettings links;
    unsigned threads = 0;  ///< 0: one per core
    /// How long a busy worker may wait to write more at once to many; 0: never.
    std::chrono::microseconds gather{100};
};

}  // namespace clacks::net
