#pragma once

#include <optional>
#include <string_view>

#include "memcached/command.hpp"

namespace clacks::memcached {

/// Decodes Base64 with its padding (RFC 4648, section 4) into `buffer`, for a key that is no longer
/// than longest_key in Base64. Nothing, wrong characters and missing padding: nullopt. The spare
/// bits of the last character do not matter.
std::optional<std::string_view> decode_base64(std::string_view text, KeyBuffer& buffer);

}  // namespace clacks::memcached
