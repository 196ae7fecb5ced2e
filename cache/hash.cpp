#include "cache/hash.hpp"

#include <bit>
#include <cstring>
#include <random>

namespace clacks::cache {
namespace {

struct State {
    std::uint64_t v0, v1, v2, v3;

    void round() {
        v0 += v1, v1 = std::rotl(v1, 13) ^ v0, v0 = std::rotl(v0, 32);
        v2 += v3, v3 = std::rotl(v3, 16) ^ v2;
        v0 += v3, v3 = std::rotl(v3, 21) ^ v0;
        v2 += v1, v1 = std::rotl(v1, 17) ^ v2, v2 = std::rotl(v2, 32);
    }

    template <int Rounds>
    void absorb(std::uint64_t word) {
        v3 ^= word;
        for (int i = 0; i < Rounds; ++i) round();
        v0 ^= word;
    }
};

// The hash never leaves the process, so the words are read in the machine's byte order.
std::uint64_t word_at(const char* bytes) {
    std::uint64_t word;
    std::memcpy(&word, bytes, sizeof word);
    return word;
}

// Up to seven bytes as the low end of a word. Reads that overlap instead of a copy of variable
// length: this is most of the work for a short key.
std::uint64_t tail(const char* bytes, std::size_t size) {
    if (size >= 4) {
        std::uint32_t first;
        std::uint32_t last;
        std::memcpy(&first, bytes, sizeof first);
        std::memcpy(&last, bytes + size - sizeof last, sizeof last);
        return first | std::uint64_t{last} << (8 * (size - sizeof last));
    }
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < size; ++i) {
        word |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
    }
    return word;
}

}  // namespace

template <int Rounds, int Last>
std::uint64_t siphash(std::string_view bytes, HashKey key) {
    static_assert(std::endian::native == std::endian::little, "tail() builds little-endian words");
    State state{key.low ^ 0x736f6d6570736575, key.high ^ 0x646f72616e646f6d,
                key.low ^ 0x6c7967656e657261, key.high ^ 0x7465646279746573};
    const char* at = bytes.data();
    std::size_t left = bytes.size();
    for (; left >= 8; at += 8, left -= 8) state.absorb<Rounds>(word_at(at));
    state.absorb<Rounds>(tail(at, left) | std::uint64_t{bytes.size()} << 56);
    state.v2 ^= 0xff;
    for (int i = 0; i < Last; ++i) state.round();
    return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

template std::uint64_t siphash<1, 3>(std::string_view, HashKey);
template std::uint64_t siphash<2, 4>(std::string_view, HashKey);

HashKey random_hash_key() {
    std::random_device device;
    const auto word = [&] { return std::uint64_t{device()} << 32 | device(); };
    return {.low = word(), .high = word()};
}

}  // namespace clacks::cache
