#pragma once

#include <algorithm>
#include <cstddef>
#include <string>

namespace clacks::cache {

/// What `bytes` take when malloc gives them (glibc): blocks of 16n + 8 with a word in front of
/// each; whole pages where there are many.
constexpr std::size_t footprint(std::size_t bytes) {
    constexpr std::size_t mapped_from = 128U << 10U;
    constexpr std::size_t page = 4096;
    if (bytes >= mapped_from) return (bytes + 16 + page - 1) / page * page;
    return std::max<std::size_t>(32, (bytes + 8 + 15) / 16 * 16);
}
static_assert(footprint(1) == 32 && footprint(40) == 48 && footprint(41) == 64);

/// What a string takes beside itself.
inline std::size_t footprint(const std::string& text) {
    const bool is_within = text.capacity() <= std::string().capacity();
    return is_within ? 0 : footprint(text.capacity() + 1);
}

/// What a table of Boost.Unordered's flat containers takes: groups of 15 slots and 16 bytes.
constexpr std::size_t table_footprint(std::size_t bucket_count, std::size_t slot_bytes) {
    return bucket_count == 0 ? 0 : footprint((bucket_count + 1) / 15 * (15 * slot_bytes + 16));
}

}  // namespace clacks::cache
