#include "protocol/base64.hpp"

#include <array>
#include <cstdint>

#include "protocol/error.hpp"

namespace clacks::protocol {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// What each byte of an encoded text means: a sextet, or one of these.
constexpr std::uint8_t invalid = 0xff;
constexpr std::uint8_t blank = 0xfe;
constexpr std::uint8_t padding = 0xfd;

constexpr std::array<std::uint8_t, 256> meanings = [] {
    std::array<std::uint8_t, 256> table{};
    table.fill(invalid);
    for (const char c : std::string_view(" \t\r\n")) table[static_cast<unsigned char>(c)] = blank;
    table['='] = padding;
    for (std::size_t i = 0; i < alphabet.size(); ++i) {
        table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
    }
    return table;
}();

constexpr std::uint32_t byte_at(std::string_view bytes, std::size_t i) {
    return static_cast<unsigned char>(bytes[i]);
}

constexpr char sextet(std::uint32_t group, unsigned shift) {
    return alphabet[(group >> shift) & 63U];
}

}  // namespace

std::string base64_encode(std::string_view bytes) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    std::size_t i = 0;
    for (; i + 3 <= bytes.size(); i += 3) {
        const std::uint32_t group =
            byte_at(bytes, i) << 16U | byte_at(bytes, i + 1) << 8U | byte_at(bytes, i + 2);
        text += {sextet(group, 18), sextet(group, 12), sextet(group, 6), sextet(group, 0)};
    }
    if (bytes.size() - i == 1) {
        const std::uint32_t group = byte_at(bytes, i) << 16U;
        text += {sextet(group, 18), sextet(group, 12), '=', '='};
    } else if (bytes.size() - i == 2) {
        const std::uint32_t group = byte_at(bytes, i) << 16U | byte_at(bytes, i + 1) << 8U;
        text += {sextet(group, 18), sextet(group, 12), sextet(group, 6), '='};
    }
    return text;
}

boost::system::result<std::string> base64_decode(std::string_view text) {
    std::string bytes;
    bytes.reserve(text.size() / 4 * 3 + 2);
    std::uint32_t group = 0;
    std::size_t sextets = 0;
    std::size_t paddings = 0;
    for (const char c : text) {
        const std::uint8_t meaning = meanings[static_cast<unsigned char>(c)];
        if (meaning == blank) continue;
        if (meaning == padding) {
            ++paddings;
            continue;
        }
        if (meaning == invalid || paddings != 0) return ParseError::malformed;
        group = group << 6U | meaning;
        if (++sextets % 4 != 0) continue;
        bytes += {static_cast<char>(group >> 16U & 255U), static_cast<char>(group >> 8U & 255U),
                  static_cast<char>(group & 255U)};
    }
    const std::size_t rest = sextets % 4;
    if (rest == 1 || (paddings != 0 && (sextets + paddings) % 4 != 0) || paddings > 2) {
        return ParseError::malformed;
    }
    if (rest >= 2) bytes += static_cast<char>(group >> (rest == 2 ? 4U : 10U) & 255U);
    if (rest == 3) bytes += static_cast<char>(group >> 2U & 255U);
    return bytes;
}

}  // namespace clacks::protocol
