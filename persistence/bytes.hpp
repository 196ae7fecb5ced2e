#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

// Numbers and texts one behind the other: little-endian, texts behind their length.
namespace clacks::persistence {

inline void put(std::string& bytes, std::uint64_t number) {
    static_assert(std::endian::native == std::endian::little);
    char raw[sizeof number];
    std::memcpy(raw, &number, sizeof raw);
    bytes.append(raw, sizeof raw);
}

inline void put(std::string& bytes, std::string_view text) {
    put(bytes, text.size());
    bytes += text;
}

/// In as many bytes as it needs: seven bits in each, the low ones first (LEB128).
inline void put_short(std::string& bytes, std::uint64_t number) {
    for (; number >= 0x80; number >>= 7U) bytes += static_cast<char>(number | 0x80U);
    bytes += static_cast<char>(number);
}

inline void put_short(std::string& bytes, std::string_view text) {
    put_short(bytes, text.size());
    bytes += text;
}

/// Reads what was written so. What is missing reads as 0 or nothing, and ok() is false then.
class ByteReader {
public:
    explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

    std::uint64_t number() {
        std::uint64_t value = 0;
        const std::string_view raw = take(sizeof value);
        if (!raw.empty()) std::memcpy(&value, raw.data(), sizeof value);
        return value;
    }
    std::string_view text() { return take(number()); }

    unsigned byte() {
        const std::string_view raw = take(1);
        return raw.empty() ? 0 : static_cast<unsigned char>(raw.front());
    }
    std::uint64_t short_number() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            const unsigned next = byte();
            value |= std::uint64_t{next & 0x7fU} << shift;
            if (next < 0x80) return value;
        }
        ok_ = false;
        return 0;
    }
    std::string_view short_text() { return take(short_number()); }

    bool at_end() const { return rest_.empty(); }
    bool ok() const { return ok_; }

private:
    std::string_view take(std::uint64_t size) {
        if (size > rest_.size()) {
            ok_ = false;
            rest_ = {};
            return {};
        }
        const auto result = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return result;
    }

    std::string_view rest_;
    bool ok_ = true;
};

}  // namespace clacks::persistence
