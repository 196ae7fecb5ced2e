#include "persistence/sqlite_heap.hpp"

#include <sqlite3.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory_resource>
#include <mutex>
#include <new>

namespace clacks::persistence {
namespace {

/// From the system, page by page, past the heap of everybody else.
class Pages final : public std::pmr::memory_resource {
    void* do_allocate(std::size_t bytes, std::size_t) override {
        void* const memory =
            ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) throw std::bad_alloc();
        return memory;
    }
    void do_deallocate(void* memory, std::size_t bytes, std::size_t) override {
        ::munmap(memory, bytes);
    }
    bool do_is_equal(const memory_resource& other) const noexcept override {
        return this == &other;
    }
};

/// Until the process ends: who closes a database last is not known.
std::pmr::memory_resource& sqlite_heap() {
    static auto* const pages = new Pages;
    static auto* const heap = new std::pmr::synchronized_pool_resource(
        {.max_blocks_per_chunk = 0, .largest_required_pool_block = 512U << 10U}, pages);
    return *heap;
}

/// In front of each block, which stays aligned: its size.
constexpr std::size_t header = alignof(std::max_align_t);

std::size_t size_of(void* block) {
    std::size_t size = 0;
    std::memcpy(&size, static_cast<std::byte*>(block) - header, sizeof size);
    return size;
}

void* allocate(int bytes) {
    const auto size = static_cast<std::size_t>(bytes);
    try {
        void* const memory = sqlite_heap().allocate(header + size);
        std::memcpy(memory, &size, sizeof size);
        return static_cast<std::byte*>(memory) + header;
    } catch (const std::bad_alloc&) {
        return nullptr;
    }
}

void release(void* block) {
    if (!block) return;
    sqlite_heap().deallocate(static_cast<std::byte*>(block) - header, header + size_of(block));
}

void* resize(void* block, int bytes) {
    void* const other = allocate(bytes);
    if (!other) return nullptr;
    std::memcpy(other, block, std::min(size_of(block), static_cast<std::size_t>(bytes)));
    release(block);
    return other;
}

}  // namespace

void give_sqlite_its_heap() {
    static std::once_flag once;
    std::call_once(once, [] {
        static const sqlite3_mem_methods methods = {
            .xMalloc = allocate,
            .xFree = release,
            .xRealloc = resize,
            .xSize = [](void* block) { return block ? static_cast<int>(size_of(block)) : 0; },
            .xRoundup = [](int bytes) { return (bytes + 7) / 8 * 8; },
            .xInit = [](void*) { return SQLITE_OK; },
            .xShutdown = [](void*) {},
            .pAppData = nullptr};
        sqlite3_config(SQLITE_CONFIG_MALLOC, &methods);
    });
}

}  // namespace clacks::persistence
