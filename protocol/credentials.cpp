#include "protocol/credentials.hpp"

#include <utility>

#include "protocol/base64.hpp"
#include "protocol/error.hpp"

namespace clacks::protocol {

std::string encode_token(const Credentials& credentials) {
    return base64_encode(credentials.user) + ':' + base64_encode(credentials.password);
}

boost::system::result<Credentials> decode_token(std::string_view token) {
    const std::size_t colon = token.find(':');
    if (colon == std::string_view::npos) return ParseError::malformed;
    auto user = base64_decode(token.substr(0, colon));
    auto password = base64_decode(token.substr(colon + 1));
    if (!user || !password) return ParseError::malformed;
    return Credentials{std::move(*user), std::move(*password)};
}

}  // namespace clacks::protocol
