#include "cache/hash.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <set>
#include <string>

using namespace clacks::cache;

namespace {

// The message of the reference's test vectors: bytes 0, 1, 2, …
std::string counting(std::size_t size) {
    std::string result;
    for (std::size_t i = 0; i < size; ++i) result += static_cast<char>(i);
    return result;
}

struct Vector {
    std::size_t size;
    std::uint64_t hash;
};

}  // namespace

TEST_CASE("hash: SipHash-2-4 agrees with the vectors of its authors") {
    const HashKey key{0x0706050403020100, 0x0f0e0d0c0b0a0908};
    for (const Vector& row : {Vector{0, 0x726fdb47dd0e0e31}, Vector{1, 0x74f839c593dc67fd},
                              Vector{2, 0x0d6c8009d9a94f5a}, Vector{3, 0x85676696d7fb7e2d},
                              Vector{4, 0xcf2794e0277187b7}, Vector{5, 0x18765564cd99a68d},
                              Vector{6, 0xcbc9466e58fee3ce}, Vector{7, 0xab0200f58b01d137},
                              Vector{8, 0x93f5f5799a932462}, Vector{9, 0x9e0082df0ba9e4b0},
                              Vector{15, 0xa129ca6149be45e5}, Vector{16, 0x3f2acc7f57c29bdb},
                              Vector{63, 0x958a324ceb064572}}) {
        CAPTURE(row.size);
        CHECK(siphash<2, 4>(counting(row.size), key) == row.hash);
    }
}

TEST_CASE("hash: SipHash-1-3 agrees with CPython's hash of bytes") {
    // PYTHONHASHSEED=0 makes CPython's key all zeros, =7 the other one.
    const HashKey zero{0, 0};
    for (const Vector& row : {Vector{1, 0x68a914128e01e473}, Vector{2, 0x010bac45c41e3669},
                              Vector{3, 0x4d4c9a4a8ef6e0ad}, Vector{4, 0x7cc43f98813e4dbd},
                              Vector{7, 0x2f098ab0c751325a}, Vector{8, 0xead411e67ebe2eea},
                              Vector{9, 0x75927f9d95124362}, Vector{63, 0x385d3e39e5f37359}}) {
        CAPTURE(row.size);
        CHECK(hash(counting(row.size), zero) == row.hash);
    }
    const HashKey seven{0x12c874a1806f0e3d, 0x470a89d2f9d2784f};
    for (const Vector& row : {Vector{1, 0x7e255bf0210f9775}, Vector{7, 0x987cfd95990dd34b},
                              Vector{16, 0x642bba6a6c24ebf5}, Vector{63, 0xb1eaa0579bb21aa3}}) {
        CAPTURE(row.size);
        CHECK(hash(counting(row.size), seven) == row.hash);
    }
}

TEST_CASE("hash: bytes above 127 and any alignment are hashed alike") {
    const std::string text = "x\xff\xfe\xfd\x80";
    std::set<std::uint64_t> results;
    for (std::size_t shift = 0; shift < 8; ++shift) {
        const std::string moved = std::string(shift, ' ') + text;
        results.insert(hash(std::string_view(moved).substr(shift), {1, 2}));
    }
    CHECK(results.size() == 1);
}

TEST_CASE("hash: two secrets of one process differ") {
    const HashKey a = random_hash_key();
    const HashKey b = random_hash_key();
    CHECK(hash("sensors::room1", a) != hash("sensors::room1", b));
}
