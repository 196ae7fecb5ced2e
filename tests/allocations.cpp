#include "tests/allocations.hpp"

#include <atomic>
#include <cstdlib>
#include <limits>
#include <new>

namespace {

constexpr std::size_t any_size = std::numeric_limits<std::size_t>::max();

std::atomic<std::int64_t> made{0};
std::atomic<std::int64_t> freed{0};
std::atomic<std::size_t> largest_piece{any_size};
std::atomic<std::int64_t> most_made{std::numeric_limits<std::int64_t>::max()};

}  // namespace

// All forms but those for more than the usual alignment: under a sanitizer its own would stand
// beside ours otherwise.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    const bool is_scarce = size > largest_piece || made >= most_made;
    void* const memory = is_scarce ? nullptr : std::malloc(size == 0 ? 1 : size);
    if (memory != nullptr) ++made;
    return memory;
}

void* operator new(std::size_t size) {
    void* const memory = operator new(size, std::nothrow);
    if (memory == nullptr) throw std::bad_alloc();
    return memory;
}

void* operator new[](std::size_t size) { return operator new(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
    return operator new(size, std::nothrow);
}

void operator delete(void* memory) noexcept {
    if (memory != nullptr) ++freed;
    std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept { operator delete(memory); }
void operator delete[](void* memory) noexcept { operator delete(memory); }
void operator delete[](void* memory, std::size_t) noexcept { operator delete(memory); }

namespace clacks::test {

std::int64_t allocation_count() { return made; }

std::int64_t living_allocation_count() { return made - freed; }

NoLargePieces::NoLargePieces(std::size_t largest) { largest_piece = largest; }

NoLargePieces::~NoLargePieces() { largest_piece = any_size; }

FewPieces::FewPieces(std::int64_t count) { most_made = made + count; }

FewPieces::~FewPieces() { most_made = std::numeric_limits<std::int64_t>::max(); }

}  // namespace clacks::test
