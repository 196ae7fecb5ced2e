#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <string>
#include <string_view>

namespace clacks {

/// Where a node is: over TLS, or on a unix socket of this machine.
struct Url {
    static constexpr std::uint16_t default_port = 49888;

    bool tls = true;
    std::string user = {};              ///< empty: none was given
    std::string host = {};              ///< tls: a name or an address, IPv6 without its brackets
    std::uint16_t port = default_port;  ///< tls
    std::string path = {};              ///< unix: absolute
    bool operator==(const Url&) const = default;
};

/// Reads `tls://[user@]host[:port]`, `unix://[user@]/path` or `unix:/path`; an IPv6 address stands
/// in brackets. Anything else is Errc::invalid_url, a password too: it would be seen in process
/// lists and logs.
[[nodiscard]] boost::system::result<Url> parse_url(std::string_view text);

/// The URL without the user, for logs and messages.
std::string to_string(const Url& url);

}  // namespace clacks
