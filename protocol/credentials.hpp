#pragma once

#include <boost/system/result.hpp>
#include <string>
#include <string_view>

namespace clacks::protocol {

struct Credentials {
    std::string user;
    std::string password;
    bool operator==(const Credentials&) const = default;
};

/// The text of `OVERHEAD A`: Base64(user) ':' Base64(password).
std::string encode_token(const Credentials& credentials);

/// The inverse; anything else is ParseError::malformed.
boost::system::result<Credentials> decode_token(std::string_view token);

}  // namespace clacks::protocol
