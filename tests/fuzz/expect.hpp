#pragma once

#include <cstdio>
#include <cstdlib>

namespace clacks::fuzz {

/// Ends the process if `held` is false; libFuzzer then keeps the input.
inline void expect(bool held, const char* what) {
    if (held) return;
    std::fprintf(stderr, "does not hold: %s\n", what);
    std::abort();
}

}  // namespace clacks::fuzz
