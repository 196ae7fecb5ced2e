#include "cache/split_set.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <set>

using clacks::cache::SplitSet;

namespace {

std::size_t hashes_taken = 0;

struct CountingHash {
    std::size_t operator()(std::uint32_t number) const {
        ++hashes_taken;
        return number * 2654435769U;
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

TEST_CASE("split set: what is inserted is found, until it is erased") {
    Numbers<CountingHash> numbers;
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
    CHECK(numbers.shrink());
    CHECK(numbers.footprint() < full / 10);
    CHECK_FALSE(numbers.shrink());
    bool all_there = true;
    for (std::uint32_t i = 0; i < 1000; ++i) all_there = all_there && numbers.find(i);
    CHECK(all_there);
    CHECK(numbers.size() == 1000);
}
