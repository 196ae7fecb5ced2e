#pragma once

#include <cstdint>
#include <string_view>

namespace clacks::cache {

/// The secret of the hash. Whoever does not know it cannot choose keys that collide.
struct HashKey {
    std::uint64_t low = 0;
    std::uint64_t high = 0;

    bool operator==(const HashKey&) const = default;
};

/// A new secret from the operating system.
HashKey random_hash_key();

/// SipHash with `Rounds` rounds a word and `Last` at the end, over `bytes`.
/// Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012.
template <int Rounds, int Last>
std::uint64_t siphash(std::string_view bytes, HashKey key);

extern template std::uint64_t siphash<1, 3>(std::string_view, HashKey);
extern template std::uint64_t siphash<2, 4>(std::string_view, HashKey);

/// The hash of our tables. Clients choose the keys, so it has to withstand flooding: SipHash-1-3,
/// which the maps of Rust and the dictionaries of CPython and Ruby use for the same reason.
inline std::uint64_t hash(std::string_view bytes, HashKey key) { return siphash<1, 3>(bytes, key); }

}  // namespace clacks::cache
