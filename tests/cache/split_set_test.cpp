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

/// All numbers below `count`, and no other.
template <class Hash>
bool holds_all(const Numbers<Hash>& numbers, std::uint32_t count) {
    std::uint32_t visited = 0;
    numbers.for_each([&](std::uint32_t) { ++visited; });
    bool all_there = numbers.size() == count && visited == count;
    for (std::uint32_t i = 0; i < count; ++i) all_there = all_there && numbers.find(i);
    return all_there;
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
    for (std::uint32_t i = 2000; i < count; ++i) numbers.erase(numbers.find(i));
    CHECK(numbers.footprint() == full);
    int shrunk = 0;
    while (numbers.shrink()) ++shrunk;
    CHECK(shrunk > 30);  // one at a time
    CHECK(numbers.footprint() < full / 10);
    bool all_there = true;
    for (std::uint32_t i = 0; i < 2000; ++i) all_there = all_there && numbers.find(i);
    CHECK(all_there);
    CHECK(numbers.size() == 2000);
}

TEST_CASE("split set: where hardly anything is left of very much, hardly any room is kept") {
    Numbers<CountingHash> numbers;
    constexpr std::uint32_t count = 1'000'000;
    fill(numbers, count);
    for (std::uint32_t i = 10; i < count; ++i) numbers.erase(numbers.find(i));
    while (numbers.shrink()) {
    }
    CHECK(numbers.footprint() < 1000);
    CHECK(numbers.size() == 10);
    for (std::uint32_t i = 10; i < count; ++i) numbers.insert(i);
    CHECK(holds_all(numbers, count));
}

TEST_CASE("split set: whichever piece of memory is missing, one more changes nothing then") {
    Numbers<CountingHash> numbers;
    std::size_t failures = 0;
    bool is_unchanged = true;
    for (std::uint32_t count = 0; count < 20'000; ++count) {
        for (int pieces = 0; numbers.size() == count; ++pieces) {
            try {
                const clacks::test::FewPieces scarce(pieces);
                numbers.insert(count);
            } catch (const std::bad_alloc&) {
                ++failures;
                is_unchanged = is_unchanged && holds_all(numbers, count);
            }
        }
    }
    CHECK(failures > 50);
    CHECK(is_unchanged);
    CHECK(holds_all(numbers, 20'000));
}

TEST_CASE("split set: without memory for many nothing is reserved") {
    Numbers<CountingHash> numbers;
    int pieces = 0;
    for (bool is_done = false; !is_done; ++pieces) {
        try {
            const clacks::test::FewPieces scarce(pieces);
            numbers.reserve(20'000);
            is_done = true;
        } catch (const std::bad_alloc&) {
            CHECK_FALSE(numbers.find(0xffff));
            CHECK(numbers.size() == 0);
        }
    }
    CHECK(pieces > 10);
    fill(numbers, 20'000);
    CHECK(holds_all(numbers, 20'000));
}
