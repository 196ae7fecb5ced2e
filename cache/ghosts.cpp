#include "cache/ghosts.hpp"

#include <algorithm>

#include "cache/footprint.hpp"

namespace clacks::cache {

void Ghosts::fit(std::size_t count) {
    const std::size_t wanted = count / bucket_size + 1;
    const bool suffices = wanted <= buckets_.size() + buckets_.size() / 2;
    if (suffices && buckets_.size() <= 16 * wanted) return;
    buckets_.assign(wanted, Bucket{});
    buckets_.shrink_to_fit();
}

void Ghosts::put(std::uint32_t hash) {
    if (buckets_.empty()) return;
    Bucket& bucket = bucket_of(hash);
    std::copy_backward(bucket.begin(), bucket.end() - 1, bucket.end());
    bucket.front() = fingerprint(hash);
}

bool Ghosts::take(std::uint32_t hash) {
    if (buckets_.empty()) return false;
    Bucket& bucket = bucket_of(hash);
    const auto found = std::find(bucket.begin(), bucket.end(), fingerprint(hash));
    if (found == bucket.end()) return false;
    std::copy(found + 1, bucket.end(), found);
    bucket.back() = 0;
    return true;
}

std::size_t Ghosts::footprint() const {
    return buckets_.empty() ? 0 : cache::footprint(buckets_.capacity() * sizeof(Bucket));
}

}  // namespace clacks::cache
