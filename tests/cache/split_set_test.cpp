#include "cache/split_set.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <new>
#include <set>

#include "tests/allocations.hpp"

using clacks::cache::SplitSet;

namespace {

std::size_t hashes_taken = 0;

struct CountingHash {
    std::size_t operator()(std::uint32_t number) const {
        ++hashes_taken;
        return number * 2654435769U;
    }
};

/// Half of all hashes begin with the same eight bits.
struct SkewedHash {
    std::size_t operator()(std::uint32_t number) const {
        const std::uint32_t even = number * 2654435769U;
        return number % 2 == 0 ? even : 0xa5000000U | even >> 8U;
    }
};

struct SameHash {
    std::size_t operator()(std::uint32_t) const { return 0xffffffff; }
};

struct NoPrefetch {
    void operator()(std::uint32_t) const {}
};

template <class Hash>
using Numbers = SplitSet<std::uint32_t, Hash, std::equal_to<>, NoPrefetch>;

template <class Hash>
void fill(Numbers<Hash>& numbers, std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) numbers.insert(i);
}

}  // namespace

TEST_CASE_TEMPLATE("split set: what is inserted is found, until it is erased", Hash, CountingHash,
                   SkewedHash) {
    Numbers<Hash> numbers;
    constexpr std::uint32_t count = 100'000;
    fill(numbers, count);
    CHECK(numbers.size() == count);
    for (std::uint32_t i = 0; i < count; i += 2) numbers.erase(numbers.find(i));
    CHECK(numbers.size() == count / 2);
    bool all_right = true;
    for (std::uint32_t i = 0; i < 2 * count; ++i) {
        const auto found = numbers.find(i);
        const bool is_there = i < count && i % 2 == 1;
        all_right = all_right && static_cast<bool>(found) == is_there && (!found || *found == i);
    }
    CHECK(all_right);
    std::set<std::uint32_t> visited;
    numbers.for_each([&](std::uint32_t number) { CHECK(visited.insert(number).second); });
    CHECK(visited.size() == count / 2);
}

TEST_CASE(
    "split set: to insert one moves no more than some thousand others, however many there are") {
    Numbers<CountingHash> numbers;
    std::size_t most = 0;
    for (std::uint32_t i = 0; i < 300'000; ++i) {
        hashes_taken = 0;
        numbers.insert(i);
        most = std::max(most, hashes_taken);
    }
    CHECK(most > 800);
    CHECK(most < 4000);
}

TEST_CASE("split set: with room made before, nothing is moved") {
    Numbers<CountingHash> numbers;
    constexpr std::uint32_t count = 50'000;
    numbers.reserve(count);
    const std::size_t reserved = numbers.footprint();
    hashes_taken = 0;
    fill(numbers, count);
    CHECK(hashes_taken <= 3 * count);
    CHECK(numbers.footprint() == reserved);
    bool all_there = true;
    for (std::uint32_t i = 0; i < count; ++i) all_there = all_there && numbers.find(i);
    CHECK(all_there);
}

TEST_CASE("split set: elements that no bit of the hash tells apart share a table") {
    Numbers<SameHash> numbers;
    fill(numbers, 4000);
    CHECK(numbers.size() == 4000);
    CHECK(numbers.footprint() < 200'000);  // a directory for all 32 bits would take more
    CHECK(numbers.find(3999U));
    CHECK_FALSE(numbers.find(4000U));
}

TEST_CASE("split set: it gives room back when nearly all is erased, and not before") {
    Numbers<CountingHash> numbers;
    constexpr std::uint32_t count = 100'000;
    fill(numbers, count);
    const std::size_t full = numbers.footprint();
    CHECK(full > count * sizeof(std::uint32_t));
    CHECK_FALSE(numbers.shrink());
    for (std::uint32_t i = 1000; i < count; ++i) numbers.erase(numbers.find(i));
    CHECK(numbers.footprint() == full);
    int shrunk = 0;
    while (numbers.shrink()) ++shrunk;
    CHECK(shrunk > 30);  // one at a time
    CHECK(numbers.footprint() < full / 10);
    bool all_there = true;
    for (std::uint32_t i = 0; i < 1000; ++i) all_there = all_there && numbers.find(i);
    CHECK(all_there);
    CHECK(numbers.size() == 1000);
}

TEST_CASE("split set: without memory for one more nothing is lost") {
    Numbers<CountingHash> numbers;
    std::uint32_t count = 0;
    bool has_failed = false;
    while (!has_failed && count < 100'000) {
        const clacks::test::NoLargePieces scarce(count < 1500 ? 100'000 : 5000);
        try {
            numbers.insert(count);
            ++count;
        } catch (const std::bad_alloc&) {
            has_failed = true;
        }
    }
    CHECK(has_failed);
    CHECK(numbers.size() == count);
    bool all_there = true;
    for (std::uint32_t i = 0; i < count; ++i) all_there = all_there && numbers.find(i);
    CHECK(all_there);
    std::size_t visited = 0;
    numbers.for_each([&](std::uint32_t) { ++visited; });
    CHECK(visited == count);
    numbers.insert(count);
    CHECK(numbers.find(count));
}
