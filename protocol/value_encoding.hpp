#pragma once

#include <optional>
#include <string>
#include <string_view>

// How the client libraries carry what a line cannot hold. Nodes never look inside a value.
// Source: protocol.txt, "Values".
namespace clacks::protocol {

/// What stands on the line for `value`: itself if it has no line break (CR or LF, or NUL) and does
/// not begin like an encoded one (with either prefix, colon or not), else `PAGECAMELCLACKSB64:` and
/// its Base64. decode_value(encode_value(v)) == v for every v.
std::string encode_value(std::string_view value);

/// Whether a line can hold `value` as it is: no line break (CR or LF), no NUL.
bool fits_line(std::string_view value);

/// What stands on the line for a data structure, given as YAML: `PAGECAMELCLACKSYAMLB64:` and its
/// Base64. The cache client of Net::Clacks reads it as that structure.
std::string encode_yaml(std::string_view yaml);

/// The inverse. A value without the prefix is itself; one with the prefix and no valid Base64
/// behind it is also itself, because it was stored by someone who did not encode.
/// `PAGECAMELCLACKSYAMLB64:` (optional blank, Base64 of YAML) gives the YAML text.
std::string decode_value(std::string_view text);

/// The YAML of what encode_yaml makes; nothing for any other text.
std::optional<std::string> decode_yaml(std::string_view text);

/// A key as the cache client of Net::Clacks sends it: each blank and each '=' becomes "___".
std::string encode_key(std::string_view key);

}  // namespace clacks::protocol
