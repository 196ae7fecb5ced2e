#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace clacks::cache {

/// The keys that were evicted lately, as fingerprints of two bytes: what comes back soon was worth
/// keeping. One of some 8,000 strangers is taken for such a key, which does no harm.
///
/// Buckets of eight, the latest first; who is pushed out behind the eighth is forgotten. Together
/// that is much like one long queue.
class Ghosts {
public:
    /// Begins anew if it holds far less than `count`, or far more.
    void fit(std::size_t count);
    void put(std::uint32_t hash);
    /// Whether the key is among them; then it is not any more.
    bool take(std::uint32_t hash);
    std::size_t footprint() const;

private:
    static constexpr std::size_t bucket_size = 8;
    using Bucket = std::array<std::uint16_t, bucket_size>;

    Bucket& bucket_of(std::uint32_t hash) {
        return buckets_[(std::uint64_t{hash} * buckets_.size()) >> 32U];
    }
    // 0 is nobody's.
    static std::uint16_t fingerprint(std::uint32_t hash) {
        const auto bits = static_cast<std::uint16_t>(hash);
        return bits == 0 ? 1 : bits;
    }

    std::vector<Bucket> buckets_;
};

}  // namespace clacks::cache
