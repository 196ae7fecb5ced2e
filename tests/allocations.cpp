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

}  // namespace

void* operator new(std::size_t size) {
    void* const memory = size > largest_piece ? nullptr : std::malloc(size == 0 ? 1 : size);
    if (memory == nullptr) throw std::bad_alloc();
    ++made;
    return memory;
}

void operator delete(void* memory) noexcept {
    if (memory != nullptr) ++freed;
    std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept { operator delete(memory); }

namespace clacks::test {

std::int64_t allocation_count() { return made; }

std::int64_t living_allocation_count() { return made - freed; }

NoLargePieces::NoLargePieces(std::size_t largest) { largest_piece = largest; }

NoLargePieces::~NoLargePieces() { largest_piece = any_size; }

}  // namespace clacks::test
