#include "allocations.hpp"

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<std::int64_t> made{0};
std::atomic<std::int64_t> freed{0};

}  // namespace

void* operator new(std::size_t size) {
    void* const memory = std::malloc(size == 0 ? 1 : size);
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

}  // namespace clacks::test
