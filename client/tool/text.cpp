#include "client/tool/text.hpp"

#include <array>
#include <boost/json.hpp>
#include <cstdint>

#include "protocol/base64.hpp"

namespace clacks::tool {
namespace {

void append_hex(std::string& out, char c) {
    constexpr std::string_view digits = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    out += "\\x";
    out += digits[byte >> 4];
    out += digits[byte & 0xf];
}

/// Length of the UTF-8 sequence at the front, 0 if it is malformed. RFC 3629, section 4: what
/// narrows the second byte keeps out overlong forms and surrogates.
std::size_t sequence_length(std::string_view bytes) {
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    const unsigned lead = at(0);
    if (lead < 0x80) return 1;
    const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || bytes.size() < length) return 0;
    const unsigned low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    const unsigned high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (at(1) < low || at(1) > high) return 0;
    for (std::size_t i = 2; i < length; ++i)
        if ((at(i) & 0xc0) != 0x80) return 0;
    return length;
}

}  // namespace

std::string escape(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size());
    for (const char c : bytes) {
        switch (c) {
            case '\\':
                out += "\\\\";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\t':
                out += "\\t";
                break;
            default:
                if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
                    append_hex(out, c);
                else
                    out += c;
        }
    }
    return out;
}

std::string signal_line(std::string_view name, std::optional<std::string_view> value) {
    if (value) return escape(name) + '=' + escape(*value);
    std::string out;
    for (const char c : escape(name)) {
        if (c == '=')
            append_hex(out, c);
        else
            out += c;
    }
    return out;
}

namespace {

/// Written by hand, because a bare number keeps its digits and a key that comes twice its values.
void append_member(std::string& out, const Field& field) {
    out += out.empty() ? '{' : ',';
    const bool encoded = field.value && !field.bare && !is_utf8(*field.value);
    out += boost::json::serialize(std::string(field.name) + (encoded ? "_base64" : ""));
    out += ':';
    if (!field.value)
        out += "null";
    else if (field.bare)
        out += *field.value;
    else
        out += boost::json::serialize(encoded ? protocol::base64_encode(*field.value)
                                              : std::string(*field.value));
}

}  // namespace

std::string json_line(std::span<const Field> fields) {
    std::string out;
    for (const Field& field : fields) append_member(out, field);
    return out + '}';
}

std::string json_line(std::initializer_list<Field> fields) {
    return json_line(std::span(fields.begin(), fields.size()));
}

std::string json_line(const Fields& fields) {
    std::string out;
    for (const auto& [name, value] : fields) append_member(out, {name, value});
    return out.empty() ? "{}" : out + '}';
}

bool is_utf8(std::string_view bytes) {
    while (!bytes.empty()) {
        const std::size_t length = sequence_length(bytes);
        if (length == 0) return false;
        bytes.remove_prefix(length);
    }
    return true;
}

}  // namespace clacks::tool
