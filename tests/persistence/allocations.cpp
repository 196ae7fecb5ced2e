#include "tests/persistence/allocations.hpp"

#include <atomic>
#include <cstdlib>
#include <limits>
#include <new>

namespace {

std::atomic<std::size_t> largest_piece{std::numeric_limits<std::size_t>::max()};

}  // namespace

void* operator new(std::size_t size) {
    void* const memory = size > largest_piece ? nullptr : std::malloc(size == 0 ? 1 : size);
    if (memory == nullptr) throw std::bad_alloc();
    return memory;
}

void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace clacks::persistence {

NoLargePieces::NoLargePieces(std::size_t largest) { largest_piece = largest; }

NoLargePieces::~NoLargePieces() { largest_piece = std::numeric_limits<std::size_t>::max(); }

}  // namespace clacks::persistence
