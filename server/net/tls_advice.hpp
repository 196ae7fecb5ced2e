#pragma once

#include <cstdint>
#include <string_view>

namespace clacks::net {

/// Which end of a TLS connection we are.
enum class TlsSide : std::uint8_t { listener, uplink };

/// What to do about an error of TLS, in OpenSSL's words, for whoever reads our log. Empty: nothing
/// that is known.
std::string_view tls_advice(TlsSide side, std::string_view error);

}  // namespace clacks::net
