#include "protocol/backoff.hpp"

#include <algorithm>

namespace clacks::protocol {

Backoff::milliseconds Backoff::next(double random) {
    constexpr unsigned doublings_before_overflow = 20;
    const auto factor = 1L << std::min(failures_, doublings_before_overflow);
    const milliseconds ceiling = std::min<milliseconds>(longest_, first_ * factor);
    if (ceiling < longest_) ++failures_;
    return milliseconds(static_cast<long>(random * static_cast<double>(ceiling.count())));
}

}  // namespace clacks::protocol
