#include "memcached/base64.hpp"

#include <cstdint>

namespace clacks::memcached {
namespace {

constexpr std::uint8_t no_digit = 0xff;

constexpr std::array<std::uint8_t, 256> make_digits() {
    constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::array<std::uint8_t, 256> digits{};
    digits.fill(no_digit);
    for (std::size_t i = 0; i < alphabet.size(); ++i) {
        digits[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
    }
    return digits;
}

constexpr auto digits = make_digits();

}  // namespace

std::optional<std::string_view> decode_base64(std::string_view text, KeyBuffer& buffer) {
    if (text.empty() || text.size() % 4 != 0 || text.size() > longest_key) return std::nullopt;
    const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
    text.remove_suffix(padding);
    std::uint32_t bits = 0;
    unsigned bit_count = 0;
    std::size_t size = 0;
    for (const char c : text) {
        const std::uint8_t digit = digits[static_cast<unsigned char>(c)];
        if (digit == no_digit) return std::nullopt;
        bits = bits << 6U | digit;
        bit_count += 6;
        if (bit_count < 8) continue;
        bit_count -= 8;
        buffer[size++] = static_cast<char>(bits >> bit_count & 0xffU);
    }
    return std::string_view(buffer.data(), size);
}

}  // namespace clacks::memcached
