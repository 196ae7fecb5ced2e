#pragma once

#include <cstdint>

// This executable counts its calls of operator new, so that "allocates nothing" can be tested.
namespace clacks::test {

/// Since the program's start, on all threads.
std::int64_t allocation_count();

/// Allocations not yet freed.
std::int64_t living_allocation_count();

}  // namespace clacks::test
