#pragma once

#include "bench/target.hpp"

namespace clacks::bench {

/// By how many bytes the server's resident memory grows with each of so many entries with keys of
/// 16 bytes and values of 32.
double entry_bytes(const Target& target, unsigned entries);

}  // namespace clacks::bench
