#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "transport/settings.hpp"

namespace clacks::memcached {

/// tcp://host:port, in plain text, or tls://host:port. Port 0 is any.
struct NetworkAddress {
    bool is_tls = false;
    std::string host;  ///< an IPv6 address without its brackets
    std::uint16_t port = 0;
};

/// What a server can listen on.
using Address = std::variant<NetworkAddress, transport::UnixAddress>;

/// What is wrong with an address, in words.
struct AddressProblem {
    std::string text;
};

boost::system::result<Address, AddressProblem> parse_address(std::string_view text);

std::string to_string(const NetworkAddress& address);

}  // namespace clacks::memcached
