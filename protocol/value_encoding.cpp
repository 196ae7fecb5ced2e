#include "protocol/value_encoding.hpp"

#include <utility>

#include "protocol/base64.hpp"

namespace clacks::protocol {
namespace {

constexpr std::string_view bytes_prefix = "PAGECAMELCLACKSB64:";
constexpr std::string_view yaml_prefix = "PAGECAMELCLACKSYAMLB64:";

// Without the colon: Net::Clacks refuses to store what begins with the bare word.
bool looks_encoded(std::string_view value) {
    return value.starts_with(bytes_prefix.substr(0, bytes_prefix.size() - 1)) ||
           value.starts_with(yaml_prefix.substr(0, yaml_prefix.size() - 1));
}

}  // namespace

// Three searches: each is a memchr, and values may be megabytes.
bool fits_line(std::string_view value) {
    constexpr auto absent = std::string_view::npos;
    return value.find('\n') == absent && value.find('\r') == absent && value.find('\0') == absent;
}

std::string encode_value(std::string_view value) {
    if (fits_line(value) && !looks_encoded(value)) return std::string(value);
    return std::string(bytes_prefix) + base64_encode(value);
}

std::string encode_yaml(std::string_view yaml) {
    return std::string(yaml_prefix) + base64_encode(yaml);
}

std::string decode_value(std::string_view text) {
    for (const std::string_view prefix : {bytes_prefix, yaml_prefix}) {
        if (!text.starts_with(prefix)) continue;
        // base64_decode skips the blank that may stand between YAML's prefix and its Base64.
        if (auto bytes = base64_decode(text.substr(prefix.size()))) return *std::move(bytes);
    }
    return std::string(text);
}

std::optional<std::string> decode_yaml(std::string_view text) {
    if (!text.starts_with(yaml_prefix)) return std::nullopt;
    auto yaml = base64_decode(text.substr(yaml_prefix.size()));
    return yaml ? std::optional(*std::move(yaml)) : std::nullopt;
}

std::string encode_key(std::string_view key) {
    std::string encoded;
    encoded.reserve(key.size());
    for (const char c : key) {
        if (c == ' ' || c == '=') {
            encoded += "___";
        } else {
            encoded += c;
        }
    }
    return encoded;
}

}  // namespace clacks::protocol
