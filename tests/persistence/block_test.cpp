#include "persistence/block.hpp"

#include <doctest/doctest.h>

#include "persistence/counter_bytes.hpp"
#include "tests/cache/state.hpp"

namespace clacks::persistence {
namespace {

using cache::at;

cache::Counter some_counter() {
    return {.base_changed = at(5),
            .base_deleted = false,
            .base = std::string("a\0b", 3),
            .expires_set = at(6),
            .expires = at(900),
            .contributions =
                {{.id = 7, .started = at(8), .changed = at(9), .count = 3, .sum = "-10"},
                 {.id = ~0ULL, .started = at(11), .changed = at(12), .count = 1, .sum = "1e3"}},
            .own = 7};
}

/// One of each kind.
Block some_block(const cache::Counter& counter) {
    Block block;
    block.add({.key = "plain", .value = "1", .changed = at(3), .sequence = 9});
    block.add({.key = "", .changed = at(-4), .deleted = true, .writer = 7, .sequence = ~0ULL - 1});
    block.add_forgotten("gone");
    block.add({.key = std::string_view("\0\xff", 2),
               .value = "of the same",
               .expires = at(77),
               .writer = 7,
               .flags = ~0U});
    block.add({.key = "counted", .value = "5", .counter = &counter});
    return block;
}

std::string text(const BlockReader::Record& record) {
    const auto& entry = record.entry;
    if (record.is_forgotten) return "forgotten " + std::string(entry.key);
    std::string text = std::string(entry.key) + "=" + std::string(entry.value);
    text += " #" + std::to_string(entry.sequence) + " @" +
            std::to_string(entry.changed.time_since_epoch().count()) + " by " +
            std::to_string(entry.writer);
    if (entry.deleted) text += " deleted";
    if (entry.expires != cache::never)
        text += " until " + std::to_string(entry.expires.time_since_epoch().count());
    if (entry.flags != 0) text += " flags " + std::to_string(entry.flags);
    if (entry.counter) text += " own " + std::to_string(entry.counter->own);
    return text;
}

}  // namespace

TEST_CASE("block: what was put in comes out, in its order") {
    const auto counter = some_counter();
    const Block block = some_block(counter);
    CHECK(block.records() == 5);
    BlockReader reader(block.bytes(), /*goes_on=*/true);
    CHECK(text(*reader.next()) == "plain=1 #9 @3 by 0");
    CHECK(text(*reader.next()) == "= #18446744073709551614 @-4 by 7 deleted");
    CHECK(text(*reader.next()) == "forgotten gone");
    CHECK(text(*reader.next()) ==
          std::string("\0\xff", 2) + "=of the same #0 @0 by 7 until 77 flags 4294967295");
    const auto counted = reader.next();
    CHECK(text(*counted) == "counted=5 #0 @0 by 0 own 7");
    CHECK(*counted->entry.counter == counter);
    CHECK_FALSE(reader.next());
    CHECK_FALSE(reader.failed());
}

TEST_CASE("block: whoever does not go on where the writer stopped counts anew") {
    const auto counter = some_counter();
    const Block block = some_block(counter);
    BlockReader reader(block.bytes(), /*goes_on=*/false);
    for (int i = 0; i < 4; ++i) reader.next();
    CHECK(text(*reader.next()) == "counted=5 #0 @0 by 0 own 0");
}

TEST_CASE("block: bytes that are cut off are none of more records, or no records") {
    const auto counter = some_counter();
    const Block block = some_block(counter);
    const std::string_view whole = block.bytes();
    for (std::size_t size = 0; size < whole.size(); ++size) {
        // A copy, so that a sanitizer sees what reads beyond it.
        const std::string part(whole.substr(0, size));
        BlockReader reader(part, true);
        int records = 0;
        while (reader.next()) ++records;
        CHECK(records < 5);
    }
}

TEST_CASE("block: bytes that nobody wrote are no records, or some") {
    const auto counter = some_counter();
    const Block block = some_block(counter);
    for (std::size_t i = 0; i < block.bytes().size(); ++i) {
        for (unsigned byte = 0; byte < 256; ++byte) {
            std::string bytes = block.bytes();
            bytes[i] = static_cast<char>(byte);
            BlockReader reader(bytes, true);
            std::size_t records = 0;
            while (reader.next()) ++records;
            REQUIRE(records <= bytes.size());
        }
    }
    for (const char tag : {'\x40', '\x80', '\x03', '\x21'}) {
        const std::string bytes = std::string(1, tag) + std::string(40, '\0');
        BlockReader reader(bytes, true);
        CHECK_FALSE(reader.next());
        CHECK(reader.failed());
    }
}

TEST_CASE("block: one is full with 256 KiB, and empty when it was cleared") {
    Block block;
    CHECK(block.is_empty());
    const std::string value((256U << 10U) + 160, 'v');
    block.add({.key = "k", .value = value});
    CHECK_FALSE(block.is_full());
    block.add({.key = "k", .value = value});
    CHECK(block.is_full());
    block.clear();
    CHECK(block.is_empty());
    CHECK(block.bytes().empty());
}

TEST_CASE("counter bytes: the parts come back as they were") {
    for (const auto& parts : {cache::Counter{}, some_counter()}) {
        cache::Counter read = some_counter();
        REQUIRE(parse_counter(format_counter(parts), read));
        CHECK(read == parts);
        CHECK(read.own == parts.own);
    }
}

TEST_CASE("counter bytes: parts that are cut off anywhere are none") {
    const std::string whole = format_counter(some_counter());
    const std::string without = format_counter(cache::Counter{});
    for (std::size_t size = 0; size < whole.size(); ++size) {
        cache::Counter read;
        const bool well = parse_counter(std::string_view(whole).substr(0, size), read);
        // Between two contributions there is an end like any other; the block's checksum sees it.
        if (well) CHECK(read.contributions.size() < 2);
        if (size < without.size()) CHECK_FALSE(well);
    }
}

TEST_CASE("block: a large entry does not keep the memory for the next block") {
    Block block;
    const std::string value(10'000'000, 'v');
    block.add({.key = "large", .value = value});
    block.clear();
    CHECK(block.bytes().capacity() < 1'000'000);
}

}  // namespace clacks::persistence
