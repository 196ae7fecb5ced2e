#pragma once

#include <boost/system/result.hpp>
#include <string>
#include <string_view>

#include "server/net/settings.hpp"

// Addresses as people write them in the configuration. Nothing is looked up or opened here.
namespace clacks::server {

/// What is wrong with an address and what is allowed, for the person who wrote it. Never repeats
/// the address: it may hold a password.
struct AddressProblem {
    std::string text;
};

using ParsedAddress = boost::system::result<transport::Address, AddressProblem>;

/// `tls://host:port` or `unix:///path`; `unix:path` is relative to whatever the caller decides.
ParsedAddress parse_address(std::string_view text);

}  // namespace clacks::server
