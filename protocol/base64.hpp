#pragma once

#include <boost/system/result.hpp>
#include <string>
#include <string_view>

namespace clacks::protocol {

/// Base64 with padding and without line breaks (RFC 4648, section 4).
std::string base64_encode(std::string_view bytes);

/// The inverse. Padding may be missing, blanks are skipped (Perl's MIME::Base64 breaks lines), the
/// spare bits of the last character do not matter. Any other character, or a length that no
/// encoder makes: ParseError::malformed.
boost::system::result<std::string> base64_decode(std::string_view text);

}  // namespace clacks::protocol
