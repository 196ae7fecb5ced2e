#pragma once

#include "bench/target.hpp"

namespace clacks::bench {

/// By how many bytes the server's resident memory grows with each of so many entries with keys of
/// 16 bytes and such values.
double entry_bytes(const Target& target, unsigned entries, unsigned value_size);

}  // namespace clacks::bench
