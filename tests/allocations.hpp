#pragma once

#include <cstddef>
#include <cstdint>

// The executables that are linked with clacks_test_allocations replace operator new: so it can be
// tested that something allocates nothing, and what becomes of it when memory is scarce.
namespace clacks::test {

/// Since the program's start, on all threads.
std::int64_t allocation_count();

/// Allocations not yet freed.
std::int64_t living_allocation_count();

/// While it exists operator new gives nothing larger, in bytes.
class NoLargePieces {
public:
    explicit NoLargePieces(std::size_t largest);
    ~NoLargePieces();
    NoLargePieces(const NoLargePieces&) = delete;
    NoLargePieces& operator=(const NoLargePieces&) = delete;
};

/// While it exists operator new gives so many more pieces, on all threads together, and then none.
class FewPieces {
public:
    explicit FewPieces(std::int64_t count);
    ~FewPieces();
    FewPieces(const FewPieces&) = delete;
    FewPieces& operator=(const FewPieces&) = delete;
};

}  // namespace clacks::test
