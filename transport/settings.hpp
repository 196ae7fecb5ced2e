#pragma once

#include <cstdint>
#include <string>
#include <variant>

// Where to listen, and with which certificates. Defaults are the ones of configs/reference.yaml.
namespace clacks::transport {

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

}  // namespace clacks::transport
